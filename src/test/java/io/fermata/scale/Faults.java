package io.fermata.scale;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;

/**
 * One thing after another that goes wrong. No device breaks for good, and every process that ends
 * comes back: whatever is left to an operator then is one too many.
 */
final class Faults {
  private static final List<String> TO =
      List.of("RUNNING", "RUNNING_P2P", "STOP", "STOP_COPY", "RESUMING");

  private final Bed bed;
  private final Service service;
  private final RandomGenerator random;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<Kind, Integer> done = new TreeMap<>();
  private Thread restart = Thread.ofVirtual().unstarted(() -> {});

  /** What goes wrong, and how many out of a hundred. */
  enum Kind {
    DEVICE_REFUSES(45),
    DEVICE_HANGS(15),
    ABORT(20),
    AGENT_RESTARTS(17),
    ORCHESTRATOR_KILLED(3);

    private final int share;

    Kind(int share) {
      this.share = share;
    }
  }

  Faults(Bed bed, Service service, RandomGenerator random) {
    this.bed = bed;
    this.service = service;
    this.random = random;
  }

  /** How many of each there were. */
  Map<Kind, Integer> done() {
    return done;
  }

  /** Any of them. */
  void one() throws IOException {
    int at = random.nextInt(100);
    for (Kind kind : Kind.values()) {
      at -= kind.share;
      if (at < 0) {
        one(kind);
        return;
      }
    }
  }

  /** This one; another one in its place where it cannot be now. */
  void one(Kind kind) throws IOException {
    switch (kind) {
      case DEVICE_REFUSES -> refuses("REFUSED", "");
      case DEVICE_HANGS -> refuses("HANG", ",\"duration\":\"PT2S\"");
      case AGENT_RESTARTS -> bed.restart(random.nextInt(bed.layout().hosts()));
      case ABORT -> {
        if (!aborted()) {
          one(Kind.DEVICE_REFUSES);
          return;
        }
      }
      case ORCHESTRATOR_KILLED -> {
        if (restart.isAlive()) {
          one(Kind.DEVICE_REFUSES);
          return;
        }
        restart = Thread.ofPlatform().start(this::killAndStart);
      }
    }
    done.merge(kind, 1, Integer::sum);
  }

  private void killAndStart() {
    service.kill();
    try {
      service.start();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Waits until the orchestrator is there again. */
  void settle() {
    try {
      restart.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void refuses(String kind, String more) throws IOException {
    URI agent = bed.agent(random.nextInt(bed.layout().hosts()));
    String place = Layout.PLACES.get(random.nextInt(Layout.PLACES.size()));
    String json =
        """
        {"device":"%s%d","fault":{"kind":"%s","to":"%s","occurrence":1,"errno":5,"after":0%s}}
        """
            .formatted(
                place,
                random.nextInt(Layout.DEVICES),
                kind,
                TO.get(random.nextInt(TO.size())),
                more);
    var request =
        HttpRequest.newBuilder(agent.resolve("/agent/v1/emulated/faults"))
            .timeout(Duration.ofSeconds(5))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json));
    try {
      http.send(request.build(), HttpResponse.BodyHandlers.discarding());
    } catch (IOException away) {
      // its agent is just being restarted: the fault of this second is that one
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean aborted() throws IOException {
    try {
      JsonNode items = service.get("migrations?phase=active&limit=50").ok().get("items");
      if (items.isEmpty()) {
        return false;
      }
      String id = items.get(random.nextInt(items.size())).get("id").asString();
      return service.post("migrations/" + id + "/abort", "{\"reason\":\"soak\"}").status() / 100
          == 2;
    } catch (IOException | IllegalStateException away) {
      return false; // the orchestrator is not there now
    }
  }
}

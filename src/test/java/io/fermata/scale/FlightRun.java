package io.fermata.scale;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/**
 * Many migrations in flight at once: all of them hold their places and are kept from going on by
 * destinations that do not get ready. One more comes, people look; then all of them may end.
 */
final class FlightRun {
  private static final int CALLERS = 16;

  private final Light light;
  private final Light.Shape shape;
  private final Service service;
  private final Duration patience;

  /**
   * What was seen.
   *
   * @param held how many were in PREPARING when all were asked for
   * @param oneMore in which phase the one more was
   * @param heapBytes after a full collection while all were held
   * @param readMillis how long looks took meanwhile
   * @param succeeded how many succeeded after they were let go
   */
  record Seen(
      int held,
      String oneMore,
      long idleHeapBytes,
      long heapBytes,
      List<Double> readMillis,
      double takingSeconds,
      double endingSeconds,
      int succeeded) {}

  FlightRun(Light light, Light.Shape shape, Service service, Duration patience) {
    this.light = light;
    this.shape = shape;
    this.service = service;
    this.patience = patience;
  }

  /** What an orchestrator is told for that many. */
  static List<String> settings() {
    return List.of(
        "--fermata.migration.max-active=20000",
        "--fermata.limits.per-source=1000",
        "--fermata.limits.per-destination=1000",
        "--fermata.limits.per-pair=1000",
        "--fermata.limits.queued=20000",
        "--fermata.fleet.poll=10s",
        "--fermata.fleet.timeout=10s",
        "--fermata.fleet.stale=60s",
        "--fermata.fleet.lost=120s",
        "--fermata.migration.poll=20s",
        "--fermata.migration.convergence-window=20s", // at least a poll
        "--fermata.migration.lease=120s",
        "--fermata.migration.deadlines.preparing=6h",
        "--fermata.migration.deadlines.checking=10m",
        "--fermata.migration.deadlines.quiescing=60s",
        "--fermata.migration.deadlines.freezing=60s",
        "--fermata.migration.deadlines.sealing=60s",
        "--fermata.migration.deadlines.resuming=60s",
        "--fermata.migration.deadlines.rolling-back=10m");
  }

  Seen run() throws IOException {
    long idle = service.heapAfterGc();
    long begun = System.nanoTime();
    takeAll();
    Awaitility.await()
        .atMost(patience)
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> count("phase=preparing") == shape.migrations());
    double taking = (System.nanoTime() - begun) / 1e9;
    int held = count("phase=preparing");
    long heap = service.heapAfterGc();
    List<Double> reads = reads();
    String oneMore = oneMore();
    long released = System.nanoTime();
    light.release();
    Awaitility.await()
        .atMost(patience)
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> service.active() == 0);
    double ending = (System.nanoTime() - released) / 1e9;
    int succeeded = count("outcome=succeeded");
    return new Seen(held, oneMore, idle, heap, reads, taking, ending, succeeded);
  }

  /** Asks for all of them. */
  void takeAll() throws IOException {
    try (var callers = Executors.newFixedThreadPool(CALLERS)) {
      List<Callable<Service.Said>> requests = new ArrayList<>();
      for (int set = 0; set < shape.sets(); set++) {
        for (int host = 0; host < shape.hosts(); host++) {
          String body = LightHosts.order(host, shape.hosts(), set, shape.devices());
          requests.add(() -> service.post("migrations", body));
        }
      }
      for (Future<Service.Said> each : callers.invokeAll(requests)) {
        each.get().ok();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IOException(e);
    }
  }

  /** How many the list shows, page by page. */
  int count(String filter) throws IOException {
    int count = 0;
    String cursor = "";
    while (true) {
      JsonNode page = service.get("migrations?limit=500&" + filter + cursor).ok();
      count += page.get("items").size();
      if (!page.hasNonNull("cursor")) {
        return count;
      }
      cursor = "&cursor=" + page.get("cursor").asString();
    }
  }

  private List<Double> reads() throws IOException {
    List<Double> millis = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      JsonNode page = timed("migrations?phase=active", millis);
      timed("migrations/" + page.at("/items/0/id").asString(), millis);
      timed("limits", millis);
    }
    return millis;
  }

  private JsonNode timed(String path, List<Double> millis) throws IOException {
    long start = System.nanoTime();
    JsonNode body = service.get(path).ok();
    millis.add((System.nanoTime() - start) / 1e6);
    return body;
  }

  private String oneMore() throws IOException {
    String body = LightHosts.order(0, shape.hosts(), shape.sets(), shape.devices());
    String id = service.post("migrations", body).ok().get("id").asString();
    Awaitility.await()
        .atMost(patience)
        .until(() -> !phase(id).equals("QUEUED") && !phase(id).equals("CHECKING"));
    return phase(id);
  }

  private String phase(String id) throws IOException {
    return service.get("migrations/" + id).ok().get("phase").asString();
  }
}

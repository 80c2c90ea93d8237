package io.fermata.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceState;
import io.fermata.fleet.HttpAgentClient;
import io.fermata.handover.message.ClaimReport;
import io.fermata.wire.AgentStatus;
import io.fermata.wire.Codec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The two hosts as their agents show them: where the set runs, and what its devices counted. */
final class Hosts implements AutoCloseable {
  static final int DEVICES = 17;
  static final String VM = "vm-demo";
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String NOTHING_LOST = "\"lostDma\":0,\"changedAfterFreeze\":0";

  private final Codec codec = new Codec();
  private final HttpAgentClient client = new HttpAgentClient(codec, Duration.ofSeconds(5));
  private final HttpClient http = HttpClient.newHttpClient();
  private final SortedMap<String, URI> agents;

  Hosts(SortedMap<String, URI> agents) {
    this.agents = new TreeMap<>(agents);
  }

  /** What an orchestrator has to be told of them. */
  List<String> inventory() {
    List<String> settings = new ArrayList<>();
    agents.forEach((host, url) -> {
      String property = "--fermata.fleet.hosts[" + settings.size() / 2 + "].";
      settings.add(property + "name=" + host);
      settings.add(property + "agent=" + url);
    });
    return settings;
  }

  AgentStatus status(String host) {
    return client.status(agents.get(host), PATIENCE).join();
  }

  /** The host that owns the whole set; owning a part of it, or both owning it, is a failure. */
  String owner() {
    List<String> owners = agents.keySet().stream().filter(this::ownsAny).toList();
    assertEquals(1, owners.size(), () -> "owned by " + owners);
    String owner = owners.getFirst();
    assertTrue(status(owner).devices().stream().allMatch(d -> VM.equals(d.vm())), owner);
    return owner;
  }

  String other(String host) {
    return agents.firstKey().equals(host) ? agents.lastKey() : agents.firstKey();
  }

  private boolean ownsAny(String host) {
    return status(host).devices().stream().anyMatch(d -> d.vm() != null);
  }

  /** Waits until the whole set runs on that host and no claim is left on either. */
  void awaitAtRest(String host) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(() -> {
          assertEquals(List.of(), status(host).claims(), host);
          assertEquals(List.of(), status(other(host)).claims(), other(host));
          assertTrue(runs(host), () -> status(host).devices().toString());
        });
    assertEquals(host, owner());
    for (String each : agents.keySet()) {
      String counters = get(each, "emulated/counters");
      assertTrue(counters.contains(NOTHING_LOST), () -> each + ": " + counters);
    }
  }

  /** Whether every device of that host was seen running. */
  boolean runs(String host) {
    List<AgentStatus.Device> devices = status(host).devices();
    return devices.size() == DEVICES
        && devices.stream().allMatch(d -> d.state() == DeviceState.RUNNING);
  }

  ClaimReport claim(String host, String migration) {
    return codec.readAnswer(get(host, "claims/" + migration).getBytes(UTF_8), ClaimReport.class);
  }

  /** Makes the next such hop of one device fail, or stand still. */
  void inject(String host, Fault fault) {
    var request =
        HttpRequest.newBuilder(agents.get(host).resolve("/agent/v1/emulated/faults"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(fault.json()))
            .build();
    assertEquals(200, send(request).statusCode());
  }

  /** Lets a device go on that stands still; whether it did. */
  boolean release(String host, String device) {
    URI url = agents.get(host).resolve("/agent/v1/emulated/devices/" + device + "/release");
    var request = HttpRequest.newBuilder(url).POST(HttpRequest.BodyPublishers.noBody()).build();
    return send(request).body().contains("\"released\":true");
  }

  /**
   * Something that goes wrong once.
   *
   * @param kind {@code REFUSED} or {@code HANG}
   * @param millis how long it hangs; 0 is until it is released
   */
  record Fault(String device, DeviceState from, DeviceState to, String kind, long millis) {
    static Fault refused(String device, DeviceState from, DeviceState to) {
      return new Fault(device, from, to, "REFUSED", 0);
    }

    static Fault hang(String device, DeviceState from, DeviceState to) {
      return hang(device, from, to, 0);
    }

    static Fault hang(String device, DeviceState from, DeviceState to, long millis) {
      return new Fault(device, from, to, "HANG", millis);
    }

    private String json() {
      String hang = millis == 0 ? "" : ",\"duration\":\"" + Duration.ofMillis(millis) + "\"";
      return """
      {"device":"%s","fault":{"kind":"%s","from":"%s","to":"%s",
       "occurrence":1,"errno":5,"after":0%s}}
      """
          .formatted(device, kind, from, to, hang);
    }
  }

  private String get(String host, String path) {
    URI url = agents.get(host).resolve("/agent/v1/" + path);
    return send(HttpRequest.newBuilder(url).build()).body();
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(request + " was not answered", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    client.close();
    http.close();
  }
}

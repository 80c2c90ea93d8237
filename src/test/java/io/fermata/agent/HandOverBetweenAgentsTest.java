package io.fermata.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceState;
import io.fermata.handover.Receipt;
import io.fermata.handover.Stop;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.Request;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two real agents in one JVM, over real HTTP and a real data plane. */
class HandOverBetweenAgentsTest {
  private static final long LEASE_MILLIS = 20_000;

  @TempDir private Path folder;

  @Test
  void aSetMovesFromOneAgentToTheOtherAndNothingIsLost() throws Exception {
    try (var source = new AgentRig("host-a", folder.resolve("a"), AgentRig.ofVm("vm-1"));
        var destination = new AgentRig("host-b", folder.resolve("b"))) {
      claimBoth(source, destination);
      move(source, destination);
      assertTrue(
          destination.status().devices().stream().allMatch(d -> "vm-1".equals(d.vm())),
          "the destination knows whose they are");
      await().until(() -> source.status().claims().isEmpty());
      await().until(() -> destination.status().claims().isEmpty());
      assertTrue(source.status().devices().stream().allMatch(d -> d.vm() == null));
      for (AgentRig each : new AgentRig[] {source, destination}) {
        String counters = get(each, "/agent/v1/emulated/counters");
        assertTrue(counters.contains("\"lostDma\":0,\"changedAfterFreeze\":0"), counters);
        assertTrue(get(each, "/agent/v1/claims/m0001?o=text").contains("CLOSED"));
      }
    }
  }

  /** The emulated devices can tell right bytes from wrong ones. */
  @Test
  void whatTheSourceWasToldToPackIsPackedAndNothingIsLost() throws Exception {
    String[] told = {
      "--fermata.agent.devices[0].vm=vm-1",
      "--fermata.agent.devices[1].vm=vm-1",
      "--fermata.agent.data-plane.compression[0].profile=gpu/gpu-a",
      "--fermata.agent.data-plane.compression[0].codec=zstd"
    };
    try (var source = new AgentRig("host-a", folder.resolve("a"), told);
        var destination = new AgentRig("host-b", folder.resolve("b"))) {
      claimBoth(source, destination);
      move(source, destination);
      String metrics = get(source, "/actuator/prometheus");
      double raw = packed(metrics, "zstd", "raw");
      assertTrue(raw >= 16 << 20, raw + " bytes of the gpu were sent");
      assertTrue(packed(metrics, "zstd", "wire") < raw / 2, metrics);
      assertEquals(0, packed(metrics, "lz4", "raw"));
      assertTrue(get(destination, "/agent/v1/emulated/counters").contains("\"lostDma\":0"));
    }
  }

  private static double packed(String metrics, String codec, String form) {
    String series =
        "fermata_transfer_packed_bytes_total{codec=\"%s\",form=\"%s\"} ".formatted(codec, form);
    return metrics
        .lines()
        .filter(line -> line.startsWith(series))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length())))
        .findFirst()
        .orElseThrow(() -> new AssertionError(metrics));
  }

  /** From two claims to a set that runs at the destination. */
  static void move(AgentRig source, AgentRig destination) {
    Answer sealed = seal(source, destination);
    reached(
        destination.done(
            new Request.Start(AgentRig.waiting(5_000), receipt(sealed, Receipt.Sealed.class))));
  }

  /** From two claims to the seal. */
  static Answer seal(AgentRig source, AgentRig destination) {
    reached(source.done(new Request.PreCopy(AgentRig.waiting(5_000))));
    Answer quiesced = source.done(new Request.Quiesce(AgentRig.waiting(5_000)));
    reached(quiesced);
    Stop stop = Objects.requireNonNull(quiesced.report().stop());
    reached(source.done(new Request.Freeze(AgentRig.waiting(5_000), stop)));
    reached(source.done(new Request.Copy(AgentRig.waiting(10_000), stop)));
    Answer loaded = destination.done(new Request.Load(AgentRig.waiting(10_000)));
    reached(loaded);
    return source.done(new Request.Seal(AgentRig.waiting(0), receipt(loaded, Receipt.Ready.class)));
  }

  @Test
  void withoutAnOrchestratorTheSetRunsAgainAfterItsLease() throws Exception {
    try (var source = new AgentRig("host-a", folder.resolve("a"), AgentRig.ofVm("vm-1"));
        var destination = new AgentRig("host-b", folder.resolve("b"))) {
      var spec = source.spec(destination.host, destination.url, AgentRig.silentDataPlane(), 500);
      source.done(new Request.ClaimSource(AgentRig.waiting(0), spec));
      Answer quiesced = source.done(new Request.Quiesce(AgentRig.waiting(5_000)));
      Stop stop = Objects.requireNonNull(quiesced.report().stop());
      reached(source.done(new Request.Freeze(AgentRig.waiting(5_000), stop)));
      await()
          .until(() -> {
            ClaimReport report =
                AgentRig.CODEC.readAnswer(
                    get(source, "/agent/v1/claims/m0001").getBytes(UTF_8), ClaimReport.class);
            return report.devices().stream().allMatch(d -> d.state() == DeviceState.RUNNING);
          });
    }
  }

  static void claimBoth(AgentRig source, AgentRig destination) {
    String data = destination.status().dataPlane();
    source.done(
        new Request.ClaimSource(
            AgentRig.waiting(0),
            source.spec(destination.host, destination.url, data, LEASE_MILLIS)));
    reached(
        destination.done(
            new Request.ClaimDestination(
                AgentRig.waiting(5_000),
                destination.spec(source.host, source.url, data, LEASE_MILLIS))),
        Progress.MOVING);
  }

  private static void reached(Answer answer) {
    reached(answer, Progress.REACHED);
  }

  private static void reached(Answer answer, Progress wanted) {
    assertEquals(wanted, answer.report().progress(), answer::toString);
  }

  static <T extends Receipt> T receipt(Answer answer, Class<T> type) {
    return answer.report().receipts().stream()
        .filter(type::isInstance)
        .map(type::cast)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " in " + answer));
  }

  private static String get(AgentRig agent, String path) throws IOException, InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(agent.url.resolve(path)).build();
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }
}

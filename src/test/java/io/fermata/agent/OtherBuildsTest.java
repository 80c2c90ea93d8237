package io.fermata.agent;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.fleet.AgentUnreachable;
import io.fermata.handover.HostName;
import io.fermata.handover.Receipt;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Request;
import io.fermata.wire.AgentStatus;
import io.fermata.wire.Protocol;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Processes of two builds in one migration, over real HTTP: they settle on a version that both
 * know, and where there is none nothing changes. The build before this one is not asked for what it
 * does not know; the next ones speak as this one does, under more numbers.
 */
class OtherBuildsTest {
  private static final String VM = "vm-1";

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"false,true,false", "false,false,true", "true,false,false", "true,true,true"})
  void aSetMovesBetweenThisBuildAndTheNext(boolean asker, boolean source, boolean destination) {
    try (var from = agent("host-a", source, AgentRig.ofVm(VM));
        var to = agent("host-b", destination)) {
      if (asker) {
        from.askedIn(OtherBuild.NEXT);
        to.askedIn(OtherBuild.NEXT);
      }
      HandOverBetweenAgentsTest.claimBoth(from, to);
      HandOverBetweenAgentsTest.move(from, to);
      await().until(() -> from.status().claims().isEmpty());
      await().until(() -> to.status().claims().isEmpty());
      assertTrue(to.status().devices().stream().allMatch(d -> VM.equals(d.vm())));
    }
  }

  /** Asked by one of the build before or asking one, the set waits at each gate. */
  @ParameterizedTest
  @CsvSource({"false, false, COPYING", "true, false, QUIESCED", "false, true, QUIESCED"})
  void onlyWhereBothKnowHowASetGoesOnByItself(boolean asker, boolean asked, Goal goal) {
    String more = asked ? OtherBuild.setting(OtherBuild.Before.class) : AgentRig.NOTHING_MORE;
    try (var from = new AgentRig("host-a", folder.resolve("a"), with(more, AgentRig.ofVm(VM)));
        var to = agent("host-b", false)) {
      if (asker) {
        from.askedIn(OtherBuild.BEFORE);
      }
      HandOverBetweenAgentsTest.claimBoth(from, to);
      from.done(new Request.Quiesce(AgentRig.waiting(5_000), true));
      var stood = from.done(new Request.Renew(AgentRig.waiting(5_000)));
      assertEquals(goal, Objects.requireNonNull(stood.report()).goal());
    }
  }

  /** Until an agent has answered, nobody knows what it understands. */
  @Test
  void aStrangerIsAskedInTheOldestWords() {
    try (var from = agent("host-a", false, AgentRig.ofVm(VM));
        var to = agent("host-b", false)) {
      HandOverBetweenAgentsTest.claimBoth(from, to);
      from.askedIn(Protocol.BUILD); // a client that has heard nobody yet
      from.done(new Request.Quiesce(AgentRig.waiting(5_000), true));
      var stood = from.done(new Request.Renew(AgentRig.waiting(0)));
      assertEquals(Goal.QUIESCED, Objects.requireNonNull(stood.report()).goal());
      from.done(new Request.Quiesce(AgentRig.waiting(5_000), true));
      stood = from.done(new Request.Renew(AgentRig.waiting(5_000)));
      assertEquals(Goal.COPYING, Objects.requireNonNull(stood.report()).goal());
    }
  }

  private AgentRig agent(String host, boolean next, String... more) {
    String build = next ? OtherBuild.setting(OtherBuild.Next.class) : AgentRig.NOTHING_MORE;
    return new AgentRig(host, folder.resolve(host), with(build, more));
  }

  private static String[] with(String last, String... settings) {
    String[] all = Arrays.copyOf(settings, settings.length + 1);
    all[settings.length] = last;
    return all;
  }

  @ParameterizedTest
  @CsvSource({"2, 2", "'3, 2', 3", "'2, 3', 3", "'9, 2, 1', 2"})
  void anAgentOfTheNextBuildNamesTheHighestVersionThatBothKnow(String offer, String chosen)
      throws Exception {
    try (var agent = agent("host-a", true);
        var client = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(agent.url.resolve("/agent/v1/status"))
              .header(Protocol.HEADER, offer)
              .build();
      var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      assertEquals(200, answer.statusCode());
      assertEquals(chosen, answer.headers().firstValue(Protocol.HEADER).orElse("none"));
    }
  }

  @Test
  void anOrchestratorOfUnknownVersionsIsRefusedAndNothingChanges() {
    try (var agent = agent("host-a", false, AgentRig.ofVm(VM))) {
      AgentStatus before = agent.status();
      agent.askedIn(OtherBuild.FAR);
      refused(() -> agent.ask(claim(agent)));
      refused(agent::status);
      agent.askedIn(Protocol.BUILD);
      unchanged(before, agent.status());
      agent.done(claim(agent));
      agent.askedIn(OtherBuild.FAR);
      refused(() -> agent.ask(new Request.Quiesce(AgentRig.waiting(0))));
      agent.askedIn(Protocol.BUILD);
      assertTrue(runs(agent));
    }
  }

  @Test
  void anAgentOfUnknownVersionsRefusesThisBuildAndNothingChanges() {
    String far = OtherBuild.setting(OtherBuild.Far.class);
    try (var agent = new AgentRig("host-a", folder, "--fermata.agent.devices[0].vm=" + VM, far)) {
      refused(agent::status);
      refused(() -> agent.ask(claim(agent)));
      agent.askedIn(OtherBuild.FAR);
      assertEquals(OtherBuild.FAR.versions(), agent.status().protocols());
      assertTrue(agent.status().claims().isEmpty());
    }
  }

  /** A void in words that nobody here knows lifts no seal; the same in known ones does. */
  @Test
  void aPeersAnswerInAnUnknownVersionIsNotBelieved() throws Exception {
    var version = new AtomicInteger(OtherBuild.FAR.newest());
    var asked = new AtomicInteger();
    var answer = new byte[1][];
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/agent/v1/peer",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().set(Protocol.HEADER, version.toString());
          exchange.sendResponseHeaders(200, answer[0].length);
          try (exchange) {
            exchange.getResponseBody().write(answer[0]);
          }
          asked.incrementAndGet();
        });
    server.start();
    URI peer = AgentRig.url("" + server.getAddress().getPort());
    try (var source = agent("host-a", false, AgentRig.ofVm(VM));
        var destination = agent("host-b", false)) {
      String data = destination.status().dataPlane();
      var spec = source.spec(destination.host, peer, data, 20_000);
      source.done(new Request.ClaimSource(AgentRig.waiting(0), spec));
      destination.done(
          new Request.ClaimDestination(
              AgentRig.waiting(5_000), destination.spec(source.host, peer, data, 20_000)));
      answer[0] = word(null);
      Answer sealed = HandOverBetweenAgentsTest.seal(source, destination);
      var seal = HandOverBetweenAgentsTest.receipt(sealed, Receipt.Sealed.class);
      answer[0] = word(new Receipt.Voided(seal.migration(), seal.stop(), destination.host));
      int before = asked.get();
      await().until(() -> asked.get() > before + 2);
      assertEquals(1, source.status().claims().size());
      assertTrue(
          source.status().devices().stream().noneMatch(d -> d.state().mayChange()),
          "the seal holds");
      version.set(Protocol.BUILD.newest());
      await().until(() -> runs(source));
    } finally {
      server.stop(0);
    }
  }

  private static byte[] word(@Nullable Receipt receipt) {
    return AgentRig.CODEC.write(
        new PeerMessage.Word(AgentRig.MIGRATION, receipt, PeerMessage.Standing.PENDING));
  }

  private static boolean runs(AgentRig agent) {
    return agent.status().devices().stream().allMatch(d -> d.state() == DeviceState.RUNNING);
  }

  private static Request claim(AgentRig agent) {
    ClaimSpec spec =
        agent.spec(new HostName("b"), URI.create("http://127.0.0.1:1"), "127.0.0.1:1", 9_000);
    return new Request.ClaimSource(AgentRig.waiting(0), spec);
  }

  private static void refused(Executable asked) {
    var thrown = assertThrows(CompletionException.class, asked);
    var why = assertInstanceOf(AgentUnreachable.class, thrown.getCause());
    assertEquals(AgentUnreachable.Kind.PROTOCOL, why.kind());
    assertTrue(why.getMessage().contains("UNKNOWN_VERSION"), why::getMessage);
  }

  private static void unchanged(AgentStatus before, AgentStatus after) {
    assertEquals(before.claims(), after.claims());
    assertEquals(
        before.devices().stream().map(AgentStatus.Device::state).toList(),
        after.devices().stream().map(AgentStatus.Device::state).toList());
  }
}

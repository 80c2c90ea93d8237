package io.fermata.agent;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.HostName;
import io.fermata.handover.ResetRule;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.Request;
import io.fermata.wire.DeviceReset;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An operator has devices reset; the agent knows which of them must not be. */
class OperatorResetTest {
  private static final DeviceName GPU = new DeviceName("gpu0");
  private static final DeviceReset CAREFUL = new DeviceReset("ann", "no answer", false);
  private static final DeviceReset RISK = new DeviceReset("ann", "no answer", true);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @TempDir private Path folder;
  private AgentRig agent;

  @BeforeEach
  void start() {
    agent = new AgentRig("host-a", folder, AgentRig.ofVm("vm-1"));
  }

  @AfterEach
  void end() {
    agent.close();
  }

  @Test
  void aDeviceThatCanRunIsNeverReset() {
    assertEquals(ResetRule.Code.GUEST_IMPACT, refused(CAREFUL));
    assertEquals(ResetRule.Code.NOT_IN_ERROR, refused(RISK));
    assertEquals(
        ResetRule.Code.NO_DEVICE,
        agent
            .client()
            .reset(agent.url, new DeviceName("gpu9"), RISK, PATIENCE)
            .join()
            .objection()
            .code());
  }

  @Test
  void oneThatIsNobodysIs() {
    agent.close();
    agent = new AgentRig("host-b", folder.resolve("b"));
    DeviceReset.Done done = reset(CAREFUL);
    assertNull(done.objection());
    assertEquals(DeviceState.RUNNING, done.after());
  }

  /** It fails on its way to the freeze; the other one is frozen or quiesced for a while. */
  @Test
  void oneInErrorIsResetOnceItsSiblingRunsAgainAndItsClaimHearsOfIt() throws Exception {
    fault(
        "{\"device\":\"gpu0\",\"fault\":{\"kind\":\"ERROR\",\"to\":\"STOP\",\"occurrence\":1,"
            + "\"errno\":5,\"after\":0}}");
    agent.done(
        new Request.ClaimSource(
            AgentRig.waiting(0),
            agent.spec(
                new HostName("host-b"),
                URI.create("http://127.0.0.1:1"),
                AgentRig.silentDataPlane(),
                60_000)));
    ClaimReport quiesced = agent.done(new Request.Quiesce(AgentRig.waiting(5_000))).report();
    agent.done(new Request.Freeze(AgentRig.waiting(5_000), quiesced.stop()));
    assertEquals(DeviceState.ERROR, state(GPU));
    assertEquals(DeviceState.STOP, state(new DeviceName("nic0")));
    assertEquals(ResetRule.Code.BARRIER, refused(RISK), "it would run while its sibling is frozen");

    agent.done(new Request.Return(AgentRig.waiting(5_000)));
    await().until(() -> state(new DeviceName("nic0")) == DeviceState.RUNNING);
    assertEquals(ResetRule.Code.GUEST_IMPACT, refused(CAREFUL));
    DeviceReset.Done done = reset(RISK);
    assertNull(done.objection());
    assertEquals(DeviceState.ERROR, done.before());
    assertEquals(DeviceState.RUNNING, done.after());
    ClaimReport now = agent.done(new Request.Renew(AgentRig.waiting(0))).report();
    assertEquals(
        DeviceState.RUNNING,
        now.devices().stream()
            .filter(device -> device.name().equals(GPU))
            .findFirst()
            .orElseThrow()
            .state());
  }

  /** It was read in RUNNING_P2P before its call went out; when that returns it may be frozen. */
  @Test
  void noneIsResetBesideASiblingWhoseCallHasNotReturned() throws Exception {
    fault(
        "{\"device\":\"gpu0\",\"fault\":{\"kind\":\"ERROR\",\"to\":\"STOP\",\"occurrence\":1,"
            + "\"errno\":5,\"after\":0}}");
    fault(
        "{\"device\":\"nic0\",\"fault\":{\"kind\":\"HANG\",\"to\":\"STOP\",\"occurrence\":1,"
            + "\"errno\":5,\"after\":0}}");
    agent.done(
        new Request.ClaimSource(
            AgentRig.waiting(0),
            agent.spec(
                new HostName("host-b"),
                URI.create("http://127.0.0.1:1"),
                AgentRig.silentDataPlane(),
                60_000)));
    ClaimReport quiesced = agent.done(new Request.Quiesce(AgentRig.waiting(5_000))).report();
    agent.done(new Request.Freeze(AgentRig.waiting(0), quiesced.stop()));
    await().until(() -> state(GPU) == DeviceState.ERROR);
    assertEquals(DeviceState.RUNNING_P2P, state(new DeviceName("nic0")), "as it was read last");
    assertEquals(ResetRule.Code.BARRIER, refused(RISK));
    post("/agent/v1/emulated/devices/nic0/release", "{}");
  }

  @Test
  void aWishWithoutAReasonIsNoWish() {
    var empty = new DeviceReset("ann", "", true);
    assertThrows(CompletionException.class, () -> reset(empty));
  }

  private DeviceReset.Done reset(DeviceReset wish) {
    return agent.client().reset(agent.url, GPU, wish, PATIENCE).join();
  }

  private ResetRule.Code refused(DeviceReset wish) {
    DeviceReset.Done done = reset(wish);
    assertEquals(done.before(), done.after(), "nothing was done");
    return done.objection().code();
  }

  private DeviceState state(DeviceName device) {
    return agent.status().devices().stream()
        .filter(each -> each.name().equals(device))
        .findFirst()
        .orElseThrow()
        .state();
  }

  private void fault(String json) throws Exception {
    post("/agent/v1/emulated/faults", json);
  }

  private void post(String path, String json) throws Exception {
    var request =
        HttpRequest.newBuilder(agent.url.resolve(path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      assertEquals(200, client.send(request, BodyHandlers.ofString()).statusCode());
    }
  }
}

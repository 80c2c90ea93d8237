package io.fermata.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.Remembered;
import io.fermata.handover.message.Request;
import io.fermata.wire.AgentStatus;
import io.fermata.wire.DeviceReset;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** An agent's word is its answer to a question that was sent for it, and to no other. */
class AgentsWordTest {
  private static final HostName A = new HostName("host-a");

  private final Line line = new Line();
  private final FleetSettings settings =
      new FleetSettings(
          List.of(
              new FleetSettings.Host(
                  "host-a", URI.create("http://host-a"), null, Map.of(), true, 1)),
          Duration.ofHours(1),
          Duration.ofSeconds(1),
          Duration.ofHours(3),
          Duration.ofHours(4),
          Duration.ofSeconds(1));
  private final PolledFleet fleet =
      new PolledFleet(settings, new Inventory(settings, false), line, InstantSource.system());

  /** Answers when the test does. */
  private static final class Line implements AgentClient {
    final BlockingQueue<CompletableFuture<AgentStatus>> questions = new LinkedBlockingQueue<>();

    @Override
    public CompletableFuture<AgentStatus> status(URI agent, Duration timeout) {
      var answer = new CompletableFuture<AgentStatus>();
      questions.add(answer);
      return answer;
    }

    @Override
    public CompletableFuture<Answer> ask(URI agent, Request request, Duration timeout) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<List<Remembered>> memory(URI agent, Duration timeout) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<DeviceReset.Done> reset(
        URI agent, DeviceName device, DeviceReset wish, Duration timeout) {
      throw new UnsupportedOperationException();
    }
  }

  private static AgentStatus status(String vm, AgentStatus.Claimed... claims) {
    var device =
        new AgentStatus.Device(
            new DeviceName("gpu0"),
            new AgentStatus.Profile("sim", "d", "m", null),
            Capabilities.of(),
            DeviceState.RUNNING,
            0L,
            vm,
            null,
            1L);
    return new AgentStatus(
        A,
        "p",
        "1",
        List.of(1),
        "slate-1",
        null,
        1,
        "h:1",
        List.of(device),
        List.of(),
        List.of(claims),
        0,
        null);
  }

  private CompletableFuture<Optional<AgentWord>> asked() {
    var word = new CompletableFuture<Optional<AgentWord>>();
    Thread.ofVirtual().start(() -> word.complete(fleet.ask(A)));
    return word;
  }

  @Test
  void anAnswerToAnEarlierQuestionIsNotTakenForIt() throws InterruptedException {
    Thread.ofVirtual().start(() -> fleet.refresh(A));
    var poll = line.questions.take();
    var word = asked();
    var own = line.questions.poll(20, TimeUnit.SECONDS);
    assertNotNull(own, "no question of its own");
    poll.complete(status(null)); // what was so before it was asked
    own.complete(status("vm-1"));
    assertEquals("vm-1", word.join().orElseThrow().host().devices().getFirst().vm());
  }

  @Test
  void whatWasHeardFromAnotherAddressIsForgottenWithIt() throws InterruptedException {
    var word = asked();
    line.questions.take().complete(status("vm-1"));
    assertTrue(word.join().isPresent());
    assertEquals(HostView.AgentState.READY, fleet.host(A).orElseThrow().state());
    var moved =
        new FleetSettings.Host("host-a", URI.create("http://elsewhere"), null, Map.of(), true, 1);
    fleet.marks(Map.of(A, HostMarks.NONE.placed(new HostMarks.Place(moved))));
    HostView there = fleet.host(A).orElseThrow();
    assertEquals(HostView.AgentState.UNKNOWN, there.state());
    assertEquals(List.of(), there.devices());
    assertNull(there.dataPlane());
  }

  @Test
  void silenceAndAnotherHostsAnswerAreNone() throws InterruptedException {
    var word = asked();
    line.questions.take().completeExceptionally(new IllegalStateException("refused"));
    assertTrue(word.join().isEmpty());
    assertTrue(fleet.ask(new HostName("host-x")).isEmpty());
  }

  @Test
  void aClaimIsToldEvenWhereNoDeviceNamesIt() throws InterruptedException {
    var claim =
        new AgentStatus.Claimed(
            new MigrationId("m0000001"),
            Side.DESTINATION,
            Standing.OPEN,
            Goal.RUNNING,
            Progress.MOVING,
            "vm-1",
            new HostName("host-b"));
    var word = asked();
    line.questions.take().complete(status(null, claim));
    assertEquals(List.of(new MigrationId("m0000001")), word.join().orElseThrow().claims());
    assertEquals("slate-1", word.join().orElseThrow().incarnation());
  }
}

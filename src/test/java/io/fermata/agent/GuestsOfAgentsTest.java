package io.fermata.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.guest.Qemu;
import io.fermata.handover.Receipt;
import io.fermata.handover.Stop;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two agents that pause real QEMU machines while they move (emulated) devices. */
class GuestsOfAgentsTest {
  @TempDir private Path folder;

  @Test
  void theGuestPausesBeforeItsDevicesAndRunsAfterThemOnTheOtherHost() {
    try (var here = new Qemu(dir("here"));
        var there = new Qemu(dir("there"), "-S");
        var source = agent("host-a", here, AgentRig.ofVm("vm-1"));
        var destination = agent("host-b", there)) {
      Stop stop = untilFrozen(source, destination);
      assertFalse(here.runs());
      reached(source.done(new Request.Copy(AgentRig.waiting(10_000), stop)));
      Answer loaded = destination.done(new Request.Load(AgentRig.waiting(10_000)));
      assertFalse(there.runs());
      var ready = receipt(loaded, Receipt.Ready.class);
      Answer sealed = source.done(new Request.Seal(AgentRig.waiting(0), ready));
      var seal = receipt(sealed, Receipt.Sealed.class);
      Answer started = destination.done(new Request.Start(AgentRig.waiting(10_000), seal));
      reached(started);
      assertTrue(there.runs());
      assertFalse(here.runs());
      assertNotNull(Objects.requireNonNull(started.report().guestTimes()).ranNanos());
      assertNotNull(Objects.requireNonNull(sealed.report().guestTimes()).pausedNanos());
      assertEquals("qmp", Objects.requireNonNull(source.status().guests()).rest());
    }
  }

  @Test
  void anAgentThatIsStartedAgainLetsTheGuestRunThatItPausedAndNoOther() {
    try (var here = new Qemu(dir("here"));
        var there = new Qemu(dir("there"), "-S");
        var destination = agent("host-b", there)) {
      try (var source = agent("host-a", here, AgentRig.ofVm("vm-1"))) {
        untilFrozen(source, destination);
        assertFalse(here.runs());
      }
      try (var again = agent("host-a", here, AgentRig.ofVm("vm-1"))) {
        Awaitility.await("it runs again").until(here::runs);
        assertNotNull(again.status());
      }
    }
  }

  @Test
  void aGuestThatDiesWhileItsDevicesAreFrozenTurnsTheSetBack() {
    try (var here = new Qemu(dir("here"));
        var there = new Qemu(dir("there"), "-S");
        var source = agent("host-a", here, AgentRig.ofVm("vm-1"));
        var destination = agent("host-b", there)) {
      untilFrozen(source, destination);
      here.kill();
      Awaitility.await("the agent sees it")
          .until(() -> {
            var report = source.done(new Request.Renew(AgentRig.waiting(0))).report();
            return report.guest() == GuestState.GONE && report.progress() == Progress.STUCK;
          });
      Answer back = source.done(new Request.Return(AgentRig.waiting(10_000)));
      reached(back);
      assertEquals(GuestState.GONE, back.report().guest());
    }
  }

  @Test
  void noClaimIsMadeForAGuestThatCouldNotBePausedOrRun() {
    try (var here = new Qemu(dir("here"));
        var running = new Qemu(dir("running"));
        var source = agent("host-a", here, AgentRig.ofVm("vm-1"));
        var destination = agent("host-b", running)) {
      var claim =
          new Request.ClaimDestination(
              AgentRig.waiting(0),
              destination.spec(source.host, source.url, destination.status().dataPlane(), 5_000));
      refused(destination.ask(claim), "its vCPUs run here already");
      here.kill();
      var other =
          new Request.ClaimSource(
              AgentRig.waiting(0),
              source.spec(
                  destination.host, destination.url, destination.status().dataPlane(), 5_000));
      refused(source.ask(other), here.socket().toString());
      assertEquals(List.of(), source.status().claims());
    }
  }

  private static Stop untilFrozen(AgentRig source, AgentRig destination) {
    HandOverBetweenAgentsTest.claimBoth(source, destination);
    Answer quiesced = source.done(new Request.Quiesce(AgentRig.waiting(10_000)));
    reached(quiesced);
    assertEquals(GuestState.PAUSED, quiesced.report().guest());
    Stop stop = Objects.requireNonNull(quiesced.report().stop());
    reached(source.done(new Request.Freeze(AgentRig.waiting(10_000), stop)));
    return stop;
  }

  private AgentRig agent(String host, Qemu qemu, String... more) {
    String[] guest = {
      "--fermata.agent.guest=qmp",
      "--fermata.agent.guests.qmp=" + folder.resolve("{vm}.qmp"),
      "--fermata.agent.guests.machines[0].vm=vm-1",
      "--fermata.agent.guests.machines[0].qmp=" + qemu.socket(),
      "--fermata.agent.guests.deadline=20s"
    };
    String[] all = Stream.concat(Stream.of(guest), Stream.of(more)).toArray(String[]::new);
    return new AgentRig(host, folder.resolve("slate-" + host), all);
  }

  private Path dir(String name) {
    try {
      return Files.createDirectories(folder.resolve(name));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void refused(Answer answer, String why) {
    Refusal refusal = Objects.requireNonNull(answer.refusal(), answer::toString);
    assertEquals(Refusal.Code.CANNOT_MIGRATE, refusal.code());
    assertTrue(refusal.detail().contains(why), refusal::detail);
  }

  private static void reached(Answer answer) {
    assertEquals(Progress.REACHED, answer.report().progress(), answer::toString);
  }

  private static <T extends Receipt> T receipt(Answer answer, Class<T> type) {
    return answer.report().receipts().stream()
        .filter(type::isInstance)
        .map(type::cast)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " in " + answer));
  }
}

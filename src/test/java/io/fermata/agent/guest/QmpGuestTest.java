package io.fermata.agent.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.guest.GuestControl.Found;
import io.fermata.handover.Effect;
import io.fermata.handover.Event;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.ClaimReport.GuestState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A guest of a real QEMU, paused and let run while others have their hands on it. */
class QmpGuestTest {
  private static final MigrationId ID = new MigrationId("mig1qmp");
  private static final MigrationId LATER = new MigrationId("mig2qmp");
  private static final Duration SHORT = Duration.ofMillis(300);

  @TempDir private Path folder;

  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private Qemu qemu;
  private QmpGuest guests;

  @BeforeAll
  static void installed() {
    assertTrue(Qemu.isInstalled(), "these tests need QEMU: apt-get install qemu-system-x86");
  }

  @BeforeEach
  void start() {
    qemu = new Qemu(folder);
    guests = agent(Duration.ofSeconds(20));
  }

  @AfterEach
  void stop() {
    guests.close();
    qemu.close();
  }

  private QmpGuest agent(Duration deadline) {
    return new QmpGuest(
        vm -> qemu.socket(), deadline, folder.resolve("paused"), System::nanoTime, events::add);
  }

  @Test
  void aRunningGuestIsPausedAndLetRunAndBothAreTimed() {
    Found paused = pause(ID);
    assertEquals(GuestState.PAUSED, paused.state());
    assertNotNull(paused.nanos());
    assertFalse(qemu.runs());
    Found runs = run(ID, Side.SOURCE);
    assertEquals(GuestState.RUNNING, runs.state());
    assertTrue(runs.nanos() > paused.nanos());
    assertTrue(qemu.runs());
  }

  @Test
  void aGuestThatSomebodyElsePausedStaysSo() {
    qemu.said("stop");
    assertEquals(new Found(GuestState.HELD, null), pause(ID));
    assertEquals(new Found(GuestState.HELD, null), run(ID, Side.SOURCE));
    assertFalse(qemu.runs());
  }

  @Test
  void anAgentThatIsStartedAgainKnowsWhatItPausedItself() {
    pause(ID);
    guests.close();
    guests = agent(Duration.ofSeconds(20));
    assertEquals(GuestState.RUNNING, run(ID, Side.SOURCE).state());
    qemu.said("stop");
    guests.close();
    guests = agent(Duration.ofSeconds(20));
    assertEquals(GuestState.HELD, run(ID, Side.SOURCE).state(), "that pause was over");
    assertEquals(GuestState.HELD, run(LATER, Side.SOURCE).state());
  }

  @Test
  void aDestinationsGuestIsLetRunThoughNobodyPausedItHere() {
    qemu.close();
    qemu = new Qemu(folder, "-S");
    assertEquals(GuestState.PAUSED, guests.look("vm").state());
    Found runs = run(ID, Side.DESTINATION);
    assertEquals(GuestState.RUNNING, runs.state());
    assertNotNull(runs.nanos());
    assertTrue(qemu.runs());
  }

  @Test
  void aGuestThatSomebodyLetsRunInTheBarrierIsSeen() throws InterruptedException {
    pause(ID);
    qemu.said("cont");
    assertEquals(new Event.GuestSeen(ID, GuestState.RUNNING), next());
    qemu.said("stop");
    assertEquals(new Event.GuestSeen(ID, GuestState.PAUSED), next());
  }

  @Test
  void aMachineThatDiesWhilePausedIsSeenAndGone() throws InterruptedException {
    pause(ID);
    qemu.kill();
    assertEquals(new Event.GuestSeen(ID, GuestState.GONE), next());
    assertEquals(GuestState.GONE, guests.look("vm").state());
    assertEquals(new Found(GuestState.GONE, null), run(ID, Side.SOURCE));
    assertTrue(events.isEmpty(), "it is told once, however often it is looked at");
  }

  @Test
  void aMachineThatWasNeverThereIsGoneAndNamed() {
    qemu.close();
    assertEquals(new Found(GuestState.GONE, null), pause(ID));
    GuestControl.Look look = guests.look("vm");
    assertTrue(look.trouble().contains(qemu.socket().toString()), look::trouble);
  }

  @Test
  void aHangingMachineIsSilentAndAnswersForItselfLater() {
    guests.close();
    guests = agent(SHORT);
    qemu.hang();
    assertEquals(new Found(GuestState.SILENT, null), pause(ID));
    assertEquals(GuestState.SILENT, guests.look("vm").state());
    qemu.wake();
    guests.close();
    guests = agent(Duration.ofSeconds(20));
    assertEquals(GuestState.PAUSED, pause(ID).state());
  }

  @Test
  void aMachineThatHangsInTheMiddleIsNotBelievedToRun() {
    guests.close();
    guests = agent(SHORT);
    Found paused = pause(ID);
    while (paused.state() != GuestState.PAUSED) {
      paused = pause(ID); // a slow machine may miss the short deadline
    }
    qemu.hang();
    assertEquals(new Found(GuestState.SILENT, null), run(ID, Side.SOURCE));
    qemu.wake();
    guests.close();
    guests = agent(Duration.ofSeconds(20));
    assertEquals(GuestState.RUNNING, run(ID, Side.SOURCE).state(), "it was paused from here");
  }

  @Test
  void nobodyWaitsForAHangingMachineButItself() {
    guests.close();
    qemu.hang();
    guests =
        new QmpGuest(
            vm -> vm.equals("hangs") ? qemu.socket() : folder.resolve("nobody"),
            Duration.ofSeconds(20),
            folder.resolve("paused"),
            System::nanoTime,
            events::add);
    CompletableFuture<Found> hanging = asked(LATER, "hangs", Side.SOURCE, false);
    assertEquals(GuestState.GONE, asked(ID, "other", Side.SOURCE, false).join().state());
    assertNull(hanging.getNow(null));
  }

  private Found pause(MigrationId migration) {
    return asked(migration, "vm", Side.SOURCE, false).join();
  }

  private Found run(MigrationId migration, Side side) {
    return asked(migration, "vm", side, true).join();
  }

  private CompletableFuture<Found> asked(MigrationId migration, String vm, Side side, boolean run) {
    CompletableFuture<Found> found = new CompletableFuture<>();
    guests.set(new Effect.Guest(migration, vm, side, run), found::complete);
    return found.orTimeout(60, TimeUnit.SECONDS);
  }

  private Event next() throws InterruptedException {
    return events.poll(60, TimeUnit.SECONDS);
  }
}

package io.fermata.drain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.Capabilities;
import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceState;
import io.fermata.drain.Blocker.Code;
import io.fermata.drain.Drain.Phase;
import io.fermata.drain.Move.State;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Limits;
import io.fermata.migration.Outcome;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is decided about a drain, from its start to its end and in every trouble on the way. */
class DrainerTest {
  private final Site site =
      new Site()
          .host(Site.A, "gpu0=vm1", "nic0=vm1", "gpu1=vm2", "nic1=vm2", "gpu2=vm3")
          .host(Site.B, "gpu0", "nic0", "gpu1", "nic1")
          .host(Site.C, "gpu0", "nic0");

  private Drain drain;

  private Drain begin(DrainTerms terms) {
    drain = site.drain(terms);
    site.cordon(Site.A, site.now - 60_000);
    return turn();
  }

  private Drain turn() {
    site.now += 100;
    site.polled();
    drain = site.ask(site.turn(drain));
    return drain;
  }

  private Move move(String vm) {
    return drain.moves().get(vm);
  }

  private MigrationId child(String vm) {
    return move(vm).migration();
  }

  private Map<String, State> states() {
    return drain.moves().values().stream().collect(Collectors.toMap(Move::vm, Move::state));
  }

  private Code blocker(String vm) {
    return move(vm).blocker().code();
  }

  @Test
  void asManyMoveAsThereAreSlotsAndNoTwoAreToHaveTheSameDevice() {
    begin(Site.terms(2));
    assertEquals(Map.of("vm1", State.MOVING, "vm2", State.MOVING, "vm3", State.WAITING), states());
    turn();
    assertEquals(2, site.migrations.size());
    Set<String> given =
        drain.moves().values().stream()
            .flatMap(m -> m.pairs().stream().map(p -> m.destination() + " " + p.destination()))
            .collect(Collectors.toSet());
    assertEquals(4, given.size());
    site.move(child("vm1"), io.fermata.migration.Phase.DONE, Outcome.SUCCEEDED);
    turn();
    assertEquals(Map.of("vm1", State.MOVED, "vm2", State.MOVING, "vm3", State.MOVING), states());
    assertEquals(33, drain.percent());
  }

  @Test
  void theLimitsOfTheSourceAndOfTheClusterCountToo() {
    site.limits = new Limits(100, 1, 100, 100, 100, 100);
    begin(Site.terms(3));
    assertEquals(1, site.migrations.size());
    site.limits = new Limits(2, 100, 100, 100, 100, 100);
    turn();
    assertEquals(2, site.migrations.size());
  }

  @Test
  void itIsDrainedOnceTheAgentShowsThatNothingIsLeft() {
    begin(Site.terms(3));
    List.of("vm1", "vm2", "vm3")
        .forEach(vm -> site.move(child(vm), io.fermata.migration.Phase.DONE, Outcome.SUCCEEDED));
    site.agentSilent = true;
    turn();
    assertEquals(Phase.DRAINING, drain.phase());
    assertEquals(Code.AGENT_SILENT, drain.blockers().getFirst().code());
    site.agentSilent = false;
    turn();
    assertEquals(Phase.DRAINED, drain.phase());
    assertEquals(100, drain.percent());
    assertTrue(site.powerOff(Site.A, Set.of()).safe());
    assertSame(drain, Drainer.decide(drain, site.sights(drain)));
  }

  @Test
  void whatIsExcludedStaysAndTheHostIsNotSafeToPowerOff() {
    begin(Site.terms(3, "vm1", "vm2"));
    assertEquals(Set.of("vm3"), drain.moves().keySet());
    site.move(child("vm3"), io.fermata.migration.Phase.DONE, Outcome.SUCCEEDED);
    turn();
    assertEquals(Phase.DRAINED, drain.phase());
    PowerOff said = site.powerOff(Site.A, Set.of("vm1", "vm2"));
    assertFalse(said.safe());
    assertTrue(said.reasons().stream().allMatch(r -> r.code() == Code.VM_EXCLUDED));
  }

  @Test
  void aDeviceThatCannotMigrateBlocksItsMachineAndNoOther() {
    site.change(
        Site.A,
        "gpu0",
        d -> Site.with(d, Capabilities.of(Capability.P2P), DeviceState.RUNNING, null));
    begin(Site.terms(1));
    assertEquals(State.BLOCKED, move("vm1").state());
    assertEquals("gpu0", move("vm1").blocker().device());
    assertEquals(Code.DEVICE_CANNOT_MIGRATE, blocker("vm1"));
    assertEquals(State.MOVING, move("vm2").state(), "the blocked one holds no slot");
    long since = move("vm1").blocker().since();
    turn();
    assertEquals(since, move("vm1").blocker().since());
    assertNull(Forecast.remainingMillis(drain, site.now));
  }

  @Test
  void aDeviceOutOfRunningAndOneThatAnotherMigrationHoldsBlockToo() {
    site.change(Site.A, "gpu0", d -> Site.with(d, Site.ALL, DeviceState.ERROR, null));
    site.change(Site.A, "gpu1", d -> Site.with(d, Site.ALL, DeviceState.RUNNING, "m999"));
    begin(Site.terms(3));
    assertEquals(Code.DEVICE_NOT_RUNNING, blocker("vm1"));
    assertEquals(Code.OTHER_MIGRATION, blocker("vm2"));
    site.change(Site.A, "gpu0", d -> Site.with(d, Site.ALL, DeviceState.RUNNING, null));
    turn();
    assertEquals(State.MOVING, move("vm1").state());
  }

  @Test
  void whoHasNowhereToGoIsBlockedUntilADestinationComes() {
    site.host(Site.B, "gpu0", "nic0").host(Site.C);
    begin(Site.terms(3));
    assertEquals(State.MOVING, move("vm1").state());
    assertEquals(Code.NO_DESTINATION, blocker("vm2"));
    assertEquals("gpu1", move("vm2").blocker().device());
    assertTrue(move("vm2").blocker().detail().contains("host-b has no free device"));
    site.host(Site.C, "gpu0", "nic0", "gpu1");
    turn();
    assertEquals(State.MOVING, move("vm2").state());
    assertEquals(Site.C, move("vm3").destination());
  }

  @Test
  void hostsThatTakeNothingNewAreNoDestinations() {
    site.cordon(Site.B, 1);
    site.state(Site.C, AgentState.LOST);
    begin(Site.terms(3));
    String detail = move("vm3").blocker().detail();
    assertTrue(detail.contains("host-b takes no new machines"), detail);
    assertTrue(detail.contains("host-c's agent is LOST"), detail);
  }

  @Test
  void aMigrationOfSomebodyElseIsLeftToGoOn() {
    var id = new MigrationId("m9990000");
    site.put(site.fresh(id, site.drain(Site.terms(1)).order("vm1", Site.B, List.of())));
    begin(Site.terms(3));
    assertEquals(Code.OTHER_MIGRATION, blocker("vm1"));
    assertEquals(State.MOVING, move("vm2").state());
  }

  @Test
  void aMigrationThatComesToTheHostIsWaitedFor() {
    site.host(Site.A);
    var id = new MigrationId("m9990000");
    var order = site.drain(Site.terms(1)).order("vm9", Site.B, List.of());
    var back =
        new io.fermata.migration.Order(
            "vm9",
            Site.B,
            Site.A,
            List.of(),
            order.preCopy(),
            0,
            order.onBudgetExceeded(),
            null,
            "user");
    site.put(site.fresh(id, back));
    begin(Site.terms(1));
    assertEquals(Phase.DRAINING, drain.phase());
    assertEquals(Code.OTHER_MIGRATION, drain.blockers().getFirst().code());
    site.move(id, io.fermata.migration.Phase.DONE, Outcome.FAILED);
    assertEquals(Phase.DRAINED, turn().phase());
  }

  @Test
  void whatFailedIsTriedAgainElsewhereAndThenAPersonIsAsked() {
    begin(Site.terms(3, "vm2", "vm3"));
    assertEquals(Site.B, move("vm1").destination());
    site.move(child("vm1"), io.fermata.migration.Phase.DONE, Outcome.ROLLED_BACK);
    turn();
    assertEquals(State.WAITING, move("vm1").state(), "not at once");
    site.now += Site.RULES.retryMillis();
    turn();
    assertEquals(Site.C, move("vm1").destination());
    assertEquals(2, move("vm1").attempt());
    site.move(child("vm1"), io.fermata.migration.Phase.DONE, Outcome.FAILED);
    turn();
    assertEquals(Code.ATTEMPTS_FAILED, blocker("vm1"));
    site.now += 1_000_000;
    turn();
    assertEquals(2, site.migrations.size());
  }

  @Test
  void whatSomebodyAbortedIsNotStartedAgain() {
    begin(Site.terms(1, "vm2", "vm3"));
    site.abort(child("vm1"));
    site.move(child("vm1"), io.fermata.migration.Phase.DONE, Outcome.CANCELLED);
    turn();
    assertEquals(Code.CHILD_ABORTED, blocker("vm1"));
    site.now += 1_000_000;
    turn();
    assertEquals(1, site.migrations.size());
  }

  @Test
  void aParkedMigrationHoldsNoSlot() {
    begin(Site.terms(1));
    site.move(child("vm1"), io.fermata.migration.Phase.NEEDS_OPERATOR, null);
    turn();
    assertEquals(Code.NEEDS_OPERATOR, blocker("vm1"));
    assertEquals(State.MOVING, move("vm2").state());
    site.move(child("vm1"), io.fermata.migration.Phase.CLEANING, null);
    turn();
    assertNull(move("vm1").blocker());
  }

  @Test
  void nothingStartsWhileAdmissionIsPausedOrTheAgentIsSilent() {
    site.paused = true;
    begin(Site.terms(2));
    assertEquals(0, site.migrations.size());
    assertEquals(Code.ADMISSION_PAUSED, drain.blockers().getFirst().code());
    site.paused = false;
    site.state(Site.A, AgentState.STALE);
    turn();
    assertEquals(0, site.migrations.size());
    assertEquals(Code.AGENT_SILENT, drain.blockers().getFirst().code());
    site.state(Site.A, AgentState.READY);
    turn();
    assertEquals(2, site.migrations.size());
    assertEquals(List.of(), drain.blockers());
  }

  @Test
  void aMachineThatLeftWithoutTheDrainIsGoneAndOneThatCameBackIsMovedAgain() {
    begin(Site.terms(1, "vm2"));
    site.leave(Site.A, "gpu2");
    turn();
    assertEquals(State.GONE, move("vm3").state());
    site.move(child("vm1"), io.fermata.migration.Phase.DONE, Outcome.SUCCEEDED);
    site.change(Site.A, "gpu2", d -> site.device(Site.A, "gpu2", "vm3"));
    turn();
    assertEquals(State.MOVING, move("vm3").state());
  }

  @Test
  void whatIsOutOfDateBringsNoMachineBack() {
    begin(Site.terms(1, "vm2", "vm3"));
    var before = site.hosts.get(Site.A);
    site.move(child("vm1"), io.fermata.migration.Phase.DONE, Outcome.SUCCEEDED);
    site.now += 100;
    site.hosts.put(Site.A, before); // the poll of an agent that answered before the end
    drain = Drainer.decide(drain, site.sights(drain));
    drain = Drainer.decide(drain, site.sights(drain));
    assertEquals(State.MOVED, move("vm1").state());
  }

  @Test
  void aPausedDrainStartsNothingAndWhatWasDecidedIsTakenBack() {
    drain = site.drain(Site.terms(1));
    drain = site.turn(drain);
    Drain decided = drain;
    assertEquals(State.STARTING, move("vm1").state());
    drain = drain.in(Phase.PAUSED, null, site.now);
    turn();
    assertEquals(State.WAITING, move("vm1").state());
    assertTrue(site.submit(decided, decided.moves().get("vm1")).isEmpty(), "too late to start it");
    turn();
    assertEquals(0, site.migrations.size());
    drain = drain.in(Phase.DRAINING, null, site.now);
    turn();
    assertEquals(1, site.migrations.size());
    assertEquals(2, move("vm1").attempt());
  }

  @Test
  void aCancelledDrainWaitsForWhatItAborts() {
    begin(Site.terms(2));
    drain = drain.in(Phase.CANCELLING, new Drain.Cancel("me", null, true), site.now);
    turn();
    assertEquals(Phase.CANCELLING, drain.phase());
    site.abort(child("vm1"));
    site.move(child("vm1"), io.fermata.migration.Phase.DONE, Outcome.CANCELLED);
    site.move(child("vm2"), io.fermata.migration.Phase.RESUMING, null);
    assertEquals(Phase.CANCELLED, turn().phase());
  }

  @Test
  void aDrainThatIsCancelledWithoutItsMigrationsLetsThemGoOn() {
    begin(Site.terms(2));
    drain = drain.in(Phase.CANCELLING, new Drain.Cancel("me", null, false), site.now);
    assertEquals(Phase.CANCELLED, turn().phase());
    assertEquals(2, site.migrations.size());
  }

  @Test
  void theRestIsForetoldByWhatTheFirstOnesTook() {
    begin(Site.terms(1));
    assertNull(Forecast.remainingMillis(drain, site.now));
    site.now += 9_800;
    site.move(child("vm1"), io.fermata.migration.Phase.DONE, Outcome.SUCCEEDED);
    turn();
    assertEquals(
        2 * (move("vm1").since() - move("vm1").started()),
        Forecast.remainingMillis(drain, site.now));
  }
}

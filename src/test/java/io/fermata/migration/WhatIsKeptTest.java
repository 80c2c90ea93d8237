package io.fermata.migration;

import static io.fermata.handover.Side.DESTINATION;
import static io.fermata.handover.Side.SOURCE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.device.Hop;
import io.fermata.handover.HostName;
import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.Testimony;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.HopReport.Outcome;
import io.fermata.handover.message.Request;
import io.fermata.migration.Migration.Blackout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is measured and recorded of a migration, and what leads a parked one on. */
class WhatIsKeptTest {
  private static final long MS = 1_000_000;
  private static final Testimony WORD = new Testimony("ops", "BMC-off-1842", "rack burnt", 7);
  private static final Note DARK = new Note.WentDark();

  @Test
  void aGateKnowsItsSlowestHopItsSkewAndWhoCameLast() {
    Sighting source =
        Scene.withHops(
            Scene.seen(SOURCE, Goal.QUIESCED, Progress.REACHED),
            List.of(
                hop("d0", DeviceState.RUNNING, DeviceState.RUNNING_P2P, Outcome.DONE, 10, 40),
                hop("d1", DeviceState.RUNNING, DeviceState.RUNNING_P2P, Outcome.REFUSED, 10, 90),
                hop("d1", DeviceState.RUNNING, DeviceState.RUNNING_P2P, Outcome.DONE, 20, 45),
                hop("d1", DeviceState.RUNNING_P2P, DeviceState.STOP, Outcome.DONE, 46, 99)));
    Scene scene = Scene.in(Phase.QUIESCING).source(source).entered(Phase.QUIESCING, MS);
    assertEquals(
        new Gate(Gate.Name.QUIESCED, 2, MS, 30, 5, "d1"),
        Gates.opened(scene.known(), Gate.Name.QUIESCED));
    assertEquals(
        new Gate(Gate.Name.FROZEN, 2, MS, 53, 0, "d1"),
        Gates.opened(scene.known(), Gate.Name.FROZEN));
    assertEquals(
        new Gate(Gate.Name.LOADED, 2, MS, 0, 0, "?"),
        Gates.opened(scene.known(), Gate.Name.LOADED));
    assertEquals(
        new Gate(Gate.Name.LOADED, 2, 0, 0, 0, "?"),
        Gates.opened(Scene.in(Phase.COPYING).known(), Gate.Name.LOADED));
  }

  /** A destination takes some of the same hops while it makes ready; those do not count. */
  @Test
  void theGatesOfADestinationCountOnlyTheHopsAfterTheImages() {
    Sighting there =
        Scene.withHops(
            Scene.seen(DESTINATION, Goal.RUNNING, Progress.REACHED),
            List.of(
                hop("d0", DeviceState.RUNNING_P2P, DeviceState.STOP, Outcome.DONE, 1, 2),
                hop("d0", DeviceState.RESUMING, DeviceState.STOP, Outcome.DONE, 10, 13),
                hop("d0", DeviceState.RUNNING, DeviceState.RUNNING_P2P, Outcome.DONE, 3, 9),
                hop("d0", DeviceState.STOP, DeviceState.RUNNING_P2P, Outcome.DONE, 20, 24),
                hop("d0", DeviceState.RUNNING_P2P, DeviceState.RUNNING, Outcome.DONE, 30, 35)));
    Known k = Scene.in(Phase.RESUMING).destination(there).known();
    assertEquals(3, Gates.opened(k, Gate.Name.LOADED).slowestNanos());
    assertEquals(4, Gates.opened(k, Gate.Name.THAWED).slowestNanos());
    assertEquals(5, Gates.opened(k, Gate.Name.RUNNING).slowestNanos());
  }

  /** One request passes both gates up, and only the agent knows what each of them took. */
  @Test
  void theTimeOfBothGatesUpIsDividedByTheAgentsClock() {
    Known k = resuming(up(24, 20), up(35, 30));
    assertEquals(11, elapsed(k, Gate.Name.RUNNING));
    assertEquals(MS - 11, elapsed(k, Gate.Name.THAWED));
    assertEquals(MS, elapsed(k, Gate.Name.LOADED), "another request passed it");
  }

  @Test
  void aGateUpWhoseHopsWereNotReportedHasTheWholeTime() {
    for (Gate.Name name : List.of(Gate.Name.THAWED, Gate.Name.RUNNING)) {
      assertEquals(MS, elapsed(resuming(List.of(), up(35, 30)), name));
      assertEquals(MS, elapsed(resuming(up(24, 20), List.of()), name));
    }
  }

  @Test
  void aPartIsNeverLongerThanTheWholeWhateverTheAgentsClockSays() {
    Known ahead = resuming(up(24, 20), up(5 * MS, 30));
    assertEquals(MS, elapsed(ahead, Gate.Name.RUNNING));
    assertEquals(0, elapsed(ahead, Gate.Name.THAWED));
    Known mixed = resuming(up(24, 20), up(23, 15));
    assertEquals(0, elapsed(mixed, Gate.Name.RUNNING));
    assertEquals(MS, elapsed(mixed, Gate.Name.THAWED));
  }

  private static long elapsed(Known k, Gate.Name name) {
    return Gates.opened(k, name).elapsedNanos();
  }

  /** The ends of the hops of two devices through one gate. */
  private static List<Long> up(long... ends) {
    return Arrays.stream(ends).boxed().toList();
  }

  /** A destination on its way up since a millisecond, by the orchestrator's clock. */
  private static Known resuming(List<Long> thawed, List<Long> running) {
    List<HopReport> hops = new ArrayList<>();
    for (long end : thawed) {
      hops.add(hop("d" + end, DeviceState.STOP, DeviceState.RUNNING_P2P, Outcome.DONE, 1, end));
    }
    for (long end : running) {
      hops.add(hop("d" + end, DeviceState.RUNNING_P2P, DeviceState.RUNNING, Outcome.DONE, 1, end));
    }
    Sighting there = Scene.seen(DESTINATION, Goal.RUNNING, Progress.REACHED);
    return Scene.in(Phase.RESUMING)
        .destination(Scene.withHops(there, hops))
        .entered(Phase.RESUMING, MS)
        .known();
  }

  @Test
  void thePartsOfABlackoutAddUp() {
    Scene whole =
        Scene.in(Phase.RESUMING)
            .entered(Phase.QUIESCING, 10)
            .entered(Phase.FREEZING, 30)
            .entered(Phase.COPYING, 70)
            .entered(Phase.SEALING, 150)
            .entered(Phase.RESUMING, 310)
            .entered(Phase.DONE, 630);
    Blackout blackout = Gates.blackout(whole.known());
    assertEquals(new Blackout(20, 40, 80, 160, 320), blackout);
    assertEquals(620, blackout.totalNanos());
  }

  @Test
  void aWayBackEndsThePartItBrokeOff() {
    Scene back =
        Scene.in(Phase.ROLLING_BACK)
            .entered(Phase.QUIESCING, 10)
            .entered(Phase.FREEZING, 30)
            .entered(Phase.ROLLING_BACK, 70)
            .at(1);
    assertEquals(new Blackout(20, 40, 0, 0, MS - 70), Gates.blackout(back.known()));
  }

  /** A restart of the orchestrator forgot the phases: the journal knows when it went dark. */
  @Test
  void aForgottenBlackoutIsCountedFromTheJournal() {
    Scene restarted = Scene.in(Phase.RESUMING).at(9);
    assertEquals(new Blackout(0, 0, 0, 0, 8 * MS), Gates.blackout(restarted.known()));
  }

  @Test
  void everyNoteIsOneVersionAndOneFact() {
    Migration m = Orders.in(Phase.SEALING, Evidence.NONE, null);
    assertEquals(m.version() + 1, m.with(List.of(DARK, DARK), 5).version());
    assertFalse(m.ended());
    assertEquals(5, m.with(List.of(DARK), 5).darkSince());
    Migration moved =
        m.with(List.of(new Note.Moved(Phase.SEALING, Phase.RESUMING, Trigger.SEALED, null)), 6);
    assertEquals(Phase.RESUMING, moved.phase());
    assertEquals(6, moved.phaseSince());
    Migration budget = m.with(List.of(new Note.BudgetSet("ops", 70)), 1);
    assertEquals(70, budget.order().blackoutBudgetMillis());
    assertEquals(m.order().devices(), budget.order().devices());
    assertTrue(m.with(List.of(new Note.SwitchoverWished("ops")), 1).switchover());
    assertEquals(Scene.STOP, m.with(List.of(new Note.StopLearned(Scene.STOP)), 1).stop());
    assertEquals(
        new Evidence(Scene.READY, Scene.SEAL, Scene.STARTED, Scene.VOIDED),
        m.with(
                List.of(
                    new Note.Witnessed(Scene.READY),
                    new Note.Witnessed(Scene.SEAL),
                    new Note.Witnessed(Scene.STARTED),
                    new Note.Witnessed(Scene.VOIDED)),
                1)
            .evidence());
  }

  @Test
  void aGuardedRowNeedsItsEvidence() {
    Set<Trigger> guarded =
        Lifecycle.rows().stream()
            .filter(row -> !row.guard().test(Orders.in(row.from(), Evidence.NONE, null)))
            .filter(row -> row.guard().test(full(row.from())))
            .map(Lifecycle.Row::on)
            .collect(Collectors.toSet());
    assertEquals(
        Set.of(
            Trigger.QUIESCED,
            Trigger.LOADED,
            Trigger.SEALED,
            Trigger.RUNNING,
            Trigger.GIVEN_UP,
            Trigger.OVERTAKEN,
            Trigger.RESOLVED),
        guarded);
    assertTrue(Lifecycle.rows().stream().allMatch(row -> row.guard().test(full(row.from()))));
  }

  @Test
  void aRequestWaitsForTheDeadlineButForHalfALeaseAtMost() {
    assertEquals(1_500, Scene.in(Phase.COPYING).known().waiting(SOURCE).awaitMillis());
    assertEquals(1, Scene.in(Phase.QUIESCING).at(4_999).known().waiting(SOURCE).awaitMillis());
    assertEquals(0, Scene.in(Phase.QUIESCING).at(6_000).known().waiting(SOURCE).awaitMillis());
  }

  @Test
  void eachSideIsToldOfTheOther() {
    Known k = Scene.in(Phase.PREPARING).known();
    ClaimSpec source = k.spec(SOURCE);
    assertEquals(List.of("host-a", "host-b"), List.of(source.self() + "", source.peer() + ""));
    assertEquals("http://b", source.peerUrl());
    ClaimSpec destination = k.spec(DESTINATION);
    assertEquals(new HostName("host-b"), destination.self());
    assertEquals(new HostName("host-a"), destination.peer());
    assertEquals("http://a", destination.peerUrl());
    assertEquals("b:1", destination.peerData());
    assertEquals("token", destination.token());
    assertEquals(3_000, destination.leaseMillis());
    var pair = new ClaimSpec.DevicePair(new DeviceName("d1"), new DeviceName("d1"));
    assertEquals(pair, destination.devices().get(1));
  }

  @Test
  void anEndThatWasDarkSaysForHowLong() {
    Sighting home = Scene.closed(SOURCE, Goal.RUNNING);
    Sighting gone = Scene.closed(DESTINATION, Goal.RESUMING);
    Decision dark =
        Scene.in(Phase.ROLLING_BACK).noted(DARK).source(home).destination(gone).decides();
    assertEquals(1, Scene.notes(dark, Note.CameBack.class).size());
    Migration light = Orders.in(Phase.ROLLING_BACK, Evidence.NONE, null);
    Decision bright = Scene.of(light).source(Scene.unclaimed()).destination(gone).decides();
    assertEquals(List.of(), Scene.notes(bright, Note.CameBack.class));
  }

  @Test
  void aSourceThatProvesNothingIsParkedWithWhatIsKnownOfIt() {
    Failure silent = Scene.failure(Scene.in(Phase.ROLLING_BACK).late().decides());
    assertEquals(Failure.Code.EVIDENCE_MISSING, silent.code());
    assertTrue(silent.detail().endsWith("nothing is known of it"), silent.detail());
    Sighting stuck = Scene.seen(SOURCE, Goal.RUNNING, Progress.STUCK);
    Failure back = Scene.failure(Scene.in(Phase.ROLLING_BACK).source(stuck).late().decides());
    assertTrue(back.detail().endsWith("it is STUCK towards RUNNING"), back.detail());
  }

  @Test
  void aVoidThatTheJournalHoldsUnsealsWhenItIsAboutThatStop() {
    Sighting sealed = Scene.seen(SOURCE, Goal.COPYING, Progress.REACHED, Scene.SEAL);
    Scene held =
        Scene.in(Phase.ROLLING_BACK).noted(new Note.Witnessed(Scene.VOIDED)).source(sealed);
    assertTrue(held.asks().contains("SOURCE Unseal"), held.asks()::toString);
    var other = new Receipt.Voided(Orders.ID, Scene.OTHER, Scene.THERE);
    Scene stale = Scene.in(Phase.ROLLING_BACK).noted(new Note.Witnessed(other)).source(sealed);
    assertFalse(stale.asks().contains("SOURCE Unseal"), stale.asks()::toString);
  }

  @Test
  void aResolutionThatTheFactsFulfilEndsWithTheBlackout() {
    Sighting home = Scene.closed(SOURCE, Goal.RUNNING);
    Decision end = parked(SOURCE).noted(DARK).source(home).decides();
    assertEquals(Trigger.RESOLVED, end.trigger());
    assertEquals(1, Scene.notes(end, Note.CameBack.class).size());
    Note told = new Note.CameBack(new Blackout(1, 1, 1, 1, 1));
    Decision again = parked(SOURCE).noted(DARK, told).source(home).decides();
    assertEquals(List.of(), Scene.notes(again, Note.CameBack.class), "it was told before");
    Decision light = parked(SOURCE).source(home).decides();
    assertEquals(List.of(), Scene.notes(light, Note.CameBack.class));
  }

  @Test
  void aKeptDestinationThatRunsReleasesTheSourceUntilItHasLetGo() {
    Sighting runs = Scene.seen(DESTINATION, Goal.RUNNING, Progress.REACHED, Scene.STARTED);
    Scene scene = parked(DESTINATION).destination(runs);
    assertEquals(List.of("DESTINATION Close", "SOURCE Release"), scene.asks());
    scene.source(Scene.closed(SOURCE, Goal.STOPPED, Scene.STARTED));
    assertEquals(List.of("DESTINATION Close"), scene.asks());
    assertInstanceOf(Request.Close.class, scene.decides().asks().getFirst().request());
  }

  @Test
  void aDecisionThatAnAgentProvedWrongIsTakenBackAndSaysBy() {
    Sighting here = Scene.seen(SOURCE, Goal.RUNNING, Progress.REACHED);
    Sighting ready = Scene.seen(DESTINATION, Goal.STOPPED, Progress.REACHED, Scene.READY);
    Decision found = parked(DESTINATION).source(here).destination(ready).decides();
    assertEquals(Trigger.FOUND_AT_SOURCE, found.trigger());
    assertEquals("host-a", Scene.notes(found, Note.Overturned.class).getFirst().host());
    Decision plain = Scene.in(Phase.NEEDS_OPERATOR).source(here).destination(ready).decides();
    assertEquals(List.of(), Scene.notes(plain, Note.Overturned.class));
    assertEquals(
        List.of("DESTINATION Surrender", "SOURCE Renew", "DESTINATION Renew"),
        parked(SOURCE).destination(ready).asks());
  }

  @Test
  void aDestinationThatAnswersIsNotSaidToBeOff() {
    Sighting sealed = Scene.seen(SOURCE, Goal.COPYING, Progress.REACHED, Scene.SEAL);
    Sighting ready = Scene.seen(DESTINATION, Goal.STOPPED, Progress.REACHED, Scene.READY);
    Ruling answers = rules(SOURCE, sealed, ready);
    assertEquals(3, answers.effects().size());
    assertTrue(answers.effects().getFirst().startsWith("host-b gives its copy up for ever"));
    assertTrue(answers.effects().get(1).endsWith("on that void receipt"));
    assertEquals(List.of(), answers.cautions());
    Ruling lost = rules(SOURCE, sealed, Scene.silent(ready));
    assertEquals(2, lost.effects().size());
    assertTrue(lost.effects().getFirst().startsWith("host-a writes your word"));
    assertEquals(3, lost.cautions().size());
    Ruling never = rules(SOURCE, Scene.seen(SOURCE, Goal.COPYING, Progress.REACHED), ready);
    assertEquals(2, never.effects().size(), "there is no right to take back");
    Ruling unknown = rules(SOURCE, sealed, Sighting.NONE);
    assertEquals(3, unknown.cautions().size(), "who said nothing does not answer");
  }

  @Test
  void whatIsLostWithAStartAndWhatStaysDeadIsSaid() {
    var dead = List.of(Scene.device("d1", DeviceState.ERROR, null));
    Sighting source =
        Scene.seen(SOURCE, Standing.OPEN, Goal.COPYING, Progress.REACHED, dead, Scene.SEAL);
    Sighting started =
        Scene.silent(Scene.seen(DESTINATION, Goal.RUNNING, Progress.STUCK, Scene.STARTED));
    Ruling ruling = rules(SOURCE, source, started);
    assertNull(ruling.objection());
    assertTrue(ruling.cautions().contains("what devices did on host-b since their start is lost"));
    assertTrue(ruling.cautions().contains("host-a d1 is in ERROR and stays so until it is reset"));
  }

  @Test
  void aStartThatWasVouchedForIsNotPassedOverWhileItsHostAnswers() {
    Sighting sealed = Scene.seen(SOURCE, Goal.COPYING, Progress.REACHED, Scene.SEAL);
    Sighting stuck = Scene.seen(DESTINATION, Goal.RUNNING, Progress.STUCK, Scene.STARTED);
    assertEquals(Ruling.Ground.CONTRADICTED, objection(SOURCE, sealed, stuck).ground());
    assertNull(rules(SOURCE, sealed, Scene.silent(stuck)).objection());
    Sighting guest = Scene.silent(guestRuns(stuck));
    assertTrue(objection(SOURCE, sealed, guest).detail().contains("the set ran there"));
    Sighting unstarted = Scene.silent(guestRuns(ready()));
    assertNull(rules(SOURCE, sealed, unstarted).objection(), "a guest without a start is none");
  }

  @Test
  void aSideThatCannotBeKeptSaysWhy() {
    Sighting silent = Scene.silent(ready());
    assertTrue(objection(DESTINATION, Sighting.NONE, silent).detail().contains("does not answer"));
    assertTrue(
        objection(DESTINATION, Sighting.NONE, Scene.unclaimed())
            .detail()
            .contains("knows of no claim"));
    Sighting empty = Scene.seen(DESTINATION, Goal.STOPPED, Progress.MOVING);
    assertTrue(
        objection(DESTINATION, Sighting.NONE, empty)
            .detail()
            .endsWith("whole copy of stop slate/1"));
    Migration none = Orders.in(Phase.NEEDS_OPERATOR, Evidence.NONE, null);
    Ruling any = Ruling.of(Scene.of(none).destination(empty).known(), DESTINATION);
    assertTrue(String.valueOf(any.objection()).contains("whole copy of any stop"));
  }

  @Test
  void aKeptDestinationSaysWhetherItStartsOnASealOrOnAWord() {
    Sighting sealed = Scene.silent(Scene.seen(SOURCE, Goal.COPYING, Progress.REACHED, Scene.SEAL));
    Ruling onSeal = rules(DESTINATION, sealed, ready());
    assertEquals("host-b starts on the seal of host-a", onSeal.effects().getFirst());
    assertEquals(1, onSeal.cautions().size());
    Ruling onWord = rules(DESTINATION, Sighting.NONE, ready());
    assertTrue(onWord.effects().getFirst().startsWith("host-b writes your word"));
    assertEquals(4, onWord.cautions().size());
    Sighting started = Scene.seen(DESTINATION, Goal.RUNNING, Progress.STUCK, Scene.STARTED);
    Ruling there = rules(DESTINATION, Sighting.NONE, started);
    assertEquals(1, there.effects().size(), "it has started already");
    assertEquals(1, there.cautions().size());
  }

  private static Ruling.Objection objection(Side keep, Sighting source, Sighting destination) {
    var objection = rules(keep, source, destination).objection();
    if (objection == null) {
      throw new AssertionError("nothing forbids it");
    }
    return objection;
  }

  private static Ruling rules(Side keep, Sighting source, Sighting destination) {
    return Ruling.of(
        Scene.in(Phase.NEEDS_OPERATOR).source(source).destination(destination).known(), keep);
  }

  private static Sighting ready() {
    return Scene.seen(DESTINATION, Goal.STOPPED, Progress.REACHED, Scene.READY);
  }

  private static Sighting guestRuns(Sighting seen) {
    var r = seen.report();
    if (r == null) {
      return seen;
    }
    return Scene.sighting(
        new ClaimReport(
            r.migration(),
            r.side(),
            r.sequence(),
            r.promised(),
            r.standing(),
            r.goal(),
            Progress.STUCK,
            GuestState.RUNNING,
            r.stop(),
            r.receipts(),
            r.devices(),
            r.hops(),
            0));
  }

  private static Scene parked(Side keep) {
    return Scene.in(Phase.NEEDS_OPERATOR)
        .noted(new Note.OperatorDecided(new Resolution(keep, WORD)));
  }

  private static Migration full(Phase phase) {
    var all = new Evidence(Scene.READY, Scene.SEAL, Scene.STARTED, Scene.VOIDED);
    Note decided = new Note.OperatorDecided(new Resolution(SOURCE, WORD));
    return Orders.in(phase, all, Scene.STOP).with(List.of(decided), 1);
  }

  private static HopReport hop(
      String device, DeviceState from, DeviceState to, Outcome outcome, long start, long end) {
    DeviceState found = outcome == Outcome.DONE ? to : from;
    return new HopReport(
        new DeviceName(device), new Hop(from, to), outcome, found, null, start, end);
  }
}

package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.Epoch;
import io.fermata.handover.Side;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When a side is asked again, what an answer is worth, and what people see of it meanwhile. */
class PacesTest {
  private static final Terms TERMS = Terms.usual();
  private static final Header HEADER = new Header(Orders.ID, new Epoch(1, "me"), 0, 0);
  private static final Request RENEW = new Request.Renew(HEADER);
  private static final Request RETURN = new Request.Return(HEADER);
  private static final Refusal NO = new Refusal(Refusal.Code.WALKING_BACK, "not at rest");

  private final SideRun side = new SideRun();

  @Test
  void aLeaseIsRenewedAtThePollAndInTheDarkOnlyAsOftenAsItNeeds() {
    answers(RENEW, 10_000, null, null);
    assertFalse(side.maySend(RENEW, Phase.PREPARING, 10_199, TERMS));
    assertTrue(side.maySend(RENEW, Phase.PREPARING, 10_200, TERMS));
    assertFalse(side.maySend(RENEW, Phase.COPYING, 10_999, TERMS));
    assertTrue(side.maySend(RENEW, Phase.COPYING, 11_000, TERMS));
    side.sent(RENEW, 20_000);
    assertFalse(side.maySend(RENEW, Phase.PREPARING, 30_000, TERMS), "one is out");
    assertTrue(side.maySend(RETURN, Phase.PREPARING, 30_000, TERMS));
  }

  /** Every answer renews the lease, whatever was asked. */
  @Test
  void anAnswerToSomethingElseIsARenewalToo() {
    answers(RETURN, 10_000, null, null);
    assertFalse(side.maySend(RENEW, Phase.PREPARING, 10_199, TERMS));
    side.silent(RENEW, "refused", 10_300, 10_300 * 1_000_000L, TERMS);
    side.sent(RENEW, 10_600);
    side.silent(RENEW, "refused", 10_600, 10_600 * 1_000_000L, TERMS);
    assertFalse(side.maySend(RENEW, Phase.PREPARING, 10_799, TERMS));
    assertTrue(side.maySend(RENEW, Phase.PREPARING, 10_800, TERMS));
  }

  @Test
  void theSameRequestIsNotSentTwiceAndNotAgainBeforeItsPause() {
    assertTrue(side.maySend(RETURN, Phase.PREPARING, 0, TERMS));
    side.sent(RETURN, 10);
    assertFalse(side.maySend(RETURN, Phase.PREPARING, 90_000, TERMS));
    answers(RETURN, 20_000, null, null);
    assertFalse(side.maySend(RETURN, Phase.PREPARING, 20_199, TERMS));
    assertTrue(side.maySend(RETURN, Phase.PREPARING, 20_200, TERMS));
    assertFalse(side.maySend(RETURN, Phase.PREPARING, 20_000, TERMS));
    assertTrue(side.maySend(RETURN, Phase.PREPARING, 19_999, TERMS), "the clock went back");
  }

  @Test
  void aRefusalAndASilencePauseEverything() {
    answers(RETURN, 10_000, NO, report(1, Goal.RUNNING));
    assertFalse(side.maySend(new Request.Close(HEADER), Phase.PREPARING, 10_199, TERMS));
    assertTrue(side.maySend(new Request.Close(HEADER), Phase.PREPARING, 10_200, TERMS));
    side.silent(RETURN, "connection refused", 20_000, 20_000 * 1_000_000L, TERMS);
    assertFalse(side.maySend(new Request.Close(HEADER), Phase.PREPARING, 20_199, TERMS));
    assertFalse(side.maySend(RENEW, Phase.PREPARING, 20_199, TERMS));
    assertTrue(side.maySend(RENEW, Phase.PREPARING, 20_200, TERMS));
    assertEquals("connection refused", side.sighting().unreachable());
  }

  /** It only says that the agent has no claim yet: nothing is lost by asking for one at once. */
  @Test
  void aRefusedRenewalPausesOnlyWhereAClaimWasKnown() {
    answers(RENEW, 10_000, NO, null);
    assertFalse(side.maySend(RETURN, Phase.PREPARING, 10_001, TERMS), "nothing was known");
    side.newPhase();
    answers(RENEW, 20_000, null, report(1, Goal.RUNNING));
    answers(RENEW, 30_000, NO, report(2, Goal.RUNNING));
    assertFalse(side.maySend(RETURN, Phase.PREPARING, 30_001, TERMS), "it came with a report");
  }

  @Test
  void anAnswerSaysWhatWasRefusedAndASuccessTakesItBack() {
    answers(RETURN, 10_000, NO, report(1, Goal.RUNNING));
    assertEquals("Return", side.sighting().refused());
    assertEquals(NO, side.sighting().refusal());
    answers(RETURN, 11_000, null, report(2, Goal.RUNNING));
    assertNull(side.sighting().refused());
    assertNull(side.sighting().refusal());
  }

  @Test
  void anOlderReportOfTheSameProcessDoesNotCount() {
    answers(RENEW, 10_000, null, report(5, Goal.FROZEN));
    answers(RENEW, 11_000, null, report(4, Goal.QUIESCED));
    assertTrue(side.sighting().headingFor(Goal.FROZEN));
    answers(RENEW, 12_000, null, report(6, Goal.COPYING));
    assertTrue(side.sighting().headingFor(Goal.COPYING));
    answers(RENEW, 13_000, null, null);
    assertTrue(side.sighting().headingFor(Goal.COPYING), "an answer may lack one");
    var restarted = new Answer(null, report(1, Goal.RUNNING), "another", 0, 0);
    side.answered(RENEW, restarted, new SideRun.Moment(0, 0), TERMS);
    assertTrue(side.sighting().headingFor(Goal.RUNNING), "a new process counts anew");
  }

  @Test
  void aNewPhaseForgetsRefusalsAndAskingAnewSilencesToo() {
    side.silent(RETURN, "connection refused", 10_000, 10_000 * 1_000_000L, TERMS);
    side.newPhase();
    assertTrue(side.maySend(RETURN, Phase.PREPARING, 10_000, TERMS));
    assertEquals("connection refused", side.sighting().unreachable());
    answers(RETURN, 20_000, NO, report(1, Goal.RUNNING));
    side.silent(RETURN, "connection refused", 20_000, 20_000 * 1_000_000L, TERMS);
    side.askAnew();
    assertTrue(side.maySend(RETURN, Phase.PREPARING, 20_000, TERMS));
    assertNull(side.sighting().unreachable());
    assertNull(side.sighting().refusal());
    assertNotNull(side.sighting().report());
  }

  @Test
  void anAgentsClockIsMappedAsInNtp() {
    var answer = new Answer(null, null, "agent-1", 1_040, 1_060);
    side.answered(RENEW, answer, new SideRun.Moment(5_100, 5_000), TERMS);
    assertEquals(new Live.ClockMapping(4_000, 40), side.view().clock());
    var worse = new Answer(null, null, "agent-1", 1_090, 1_100);
    side.answered(RENEW, worse, new SideRun.Moment(5_200, 5_000), TERMS);
    assertEquals(40, side.view().clock().uncertaintyNanos(), "the best one counts");
    var asGood = new Answer(null, null, "agent-1", 2_040, 2_060);
    side.answered(RENEW, asGood, new SideRun.Moment(6_102, 6_002), TERMS);
    assertEquals(new Live.ClockMapping(4_002, 40), side.view().clock(), "of two the newer one");
    var stepped = new Answer(null, null, "agent-1", 3_000, 3_500);
    side.answered(RENEW, stepped, new SideRun.Moment(7_100, 7_000), TERMS);
    assertEquals(0, side.view().clock().uncertaintyNanos(), "never below nothing");
    assertEquals(2.5, new Live.ClockMapping(1_500_000, 0).epochMillis(1_000_000));
  }

  @Test
  void aViewShowsTheOldestRequestThatIsOutAndTheLastTrouble() {
    assertNull(side.view().askedFor());
    assertNull(side.view().seenMillis());
    side.sent(RETURN, 10);
    side.sent(RENEW, 20);
    assertEquals("Return", side.view().askedFor());
    assertEquals(10, side.view().askedMillis());
    side.silent(RETURN, "connection refused", 30, 30 * 1_000_000L, TERMS);
    assertEquals("connection refused", side.view().trouble());
    assertEquals("Renew", side.view().askedFor());
    answers(RENEW, 40, NO, null);
    assertEquals("WALKING_BACK: not at rest", side.view().trouble());
    assertEquals(40, side.view().seenMillis());
    assertEquals(0, side.view().askedMillis());
  }

  @Test
  void whatIsWaitedForIsSaidInWords() {
    Run run = new Run(Orders.in(Phase.QUEUED, Evidence.NONE, null), 7);
    Live queued = run.live(TERMS, new LiveView.Standing(3, "a free place"));
    assertEquals(List.of("a free place"), queued.waiting());
    assertEquals(3, queued.queuePosition());
    assertNull(queued.deadlineMillis(), "nobody gives up a place in the queue");
    run.become(Orders.in(Phase.QUIESCING, Evidence.NONE, null), 55);
    run.waitForJournal(true);
    DeviceReport hop = going("d0", DeviceState.RUNNING, DeviceState.RUNNING_P2P);
    DeviceReport bad = Scene.device("d1", DeviceState.RUNNING, "EBUSY(16)");
    DeviceReport well = Scene.device("d2", DeviceState.RUNNING, null);
    answers(run.on(Side.SOURCE), null, Progress.MOVING, List.of(hop, bad, well));
    answers(run.on(Side.DESTINATION), NO, Progress.REACHED, List.of(bad));
    Live live = run.live(TERMS, null);
    assertEquals(
        List.of(
            "the journal, to write what was decided",
            "host-a d0: RUNNING to RUNNING_P2P",
            "host-a d1: EBUSY(16)",
            "host-b: WALKING_BACK: not at rest"),
        live.waiting());
    assertEquals(5_000L, live.deadlineMillis());
    Note end = new Note.Moved(Phase.QUIESCING, Phase.DONE, Trigger.RETURNED, Outcome.ROLLED_BACK);
    run.become(run.migration().with(List.of(end), 3), 60);
    Live over = run.live(TERMS, null);
    assertEquals(List.of(), over.waiting());
    assertNull(over.deadlineMillis());
    assertTrue(over.migration().ended());
  }

  @Test
  void aRunRemembersWhenEachPhaseBeganAndAsksAnewInEach() {
    Migration m = Orders.in(Phase.QUEUED, Evidence.NONE, null);
    Run run = new Run(m, 7);
    assertEquals(7, run.rowVersion());
    assertEquals(m.version(), run.durableVersion());
    run.on(Side.SOURCE).silent(RETURN, "x", 100, 100 * 1_000_000L, TERMS);
    run.on(Side.DESTINATION).silent(RETURN, "x", 100, 100 * 1_000_000L, TERMS);
    run.become(m.with(List.of(), 1), 5);
    assertEquals(Map.of(), run.entered());
    assertFalse(run.on(Side.SOURCE).maySend(RETURN, Phase.QUEUED, 100, TERMS));
    run.become(Orders.in(Phase.CHECKING, Evidence.NONE, null), 6);
    assertEquals(Map.of(Phase.CHECKING, 6L), new EnumMap<>(run.entered()));
    for (Side each : Side.values()) {
      assertTrue(run.on(each).maySend(RETURN, Phase.CHECKING, 100, TERMS));
      run.on(each).silent(RETURN, "x", 100, 100 * 1_000_000L, TERMS);
    }
    run.askAnew();
    for (Side each : Side.values()) {
      assertNull(run.on(each).sighting().unreachable());
    }
    run.durable(9);
    run.durable(8);
    assertEquals(9, run.durableVersion(), "what is on disk stays there");
  }

  @Test
  void whoWaitsForTheDiskIsToldOnce() {
    Run run = new Run(Orders.in(Phase.QUEUED, Evidence.NONE, null), 7);
    List<Boolean> told = new ArrayList<>();
    run.whenDurable(told::add);
    run.settled(true);
    run.settled(false);
    assertEquals(List.of(true), told);
    assertFalse(run.lost());
    run.lose();
    assertTrue(run.lost());
    assertFalse(run.waitsForJournal());
    assertTrue(run.wake().isEmpty());
    run.wakeAt(5);
    assertEquals(5L, run.wake().orElseThrow());
    assertTrue(run.rehearsed().isEmpty());
  }

  @Test
  void termsThatCannotWorkAreRefused() {
    assertEquals(3, new Terms(Map.of(), 3, 1, 1, 1).leaseMillis());
    refusedTerms("lease, poll, retry and max-active", Map.of(), 0, 0, 1, 1);
    refusedTerms("lease, poll, retry and max-active", Map.of(), 3, 0, 1, 1);
    refusedTerms("lease, poll, retry and max-active", Map.of(), 3, 1, 0, 1);
    refusedTerms("lease, poll, retry and max-active", Map.of(), 3, 1, 1, 0);
    refusedTerms("three times", Map.of(), 2, 1, 1, 1);
    refusedTerms("deadlines", Map.of(Phase.COPYING, 0L), 3, 1, 1, 1);
    assertEquals(9, new Terms(Map.of(Phase.COPYING, 9L), 3, 1, 1, 1).deadlineMillis(Phase.COPYING));
  }

  @Test
  void aWindowThatNoTwoAnswersFallIntoIsRefused() {
    assertEquals(10_000, Terms.usual().convergenceMillis());
    assertEquals(200, new Terms(Map.of(), 3_000, 200, 1, 1, 3_000, 200).convergenceMillis());
    var said =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Terms(Map.of(), 3_000, 200, 1, 1, 3_000, 199));
    assertTrue(String.valueOf(said.getMessage()).contains("convergence-window"));
  }

  private static void refusedTerms(
      String named, Map<Phase, Long> deadlines, long lease, long poll, long retry, int active) {
    var said =
        assertThrows(
            IllegalArgumentException.class, () -> new Terms(deadlines, lease, poll, retry, active));
    assertTrue(String.valueOf(said.getMessage()).contains(named), said.getMessage());
  }

  private void answers(
      Request request, long millis, @Nullable Refusal refusal, @Nullable ClaimReport report) {
    var moment = new SideRun.Moment(millis * 1_000_000, millis * 1_000_000);
    side.answered(request, new Answer(refusal, report, "agent-1", 0, 0), moment, TERMS);
  }

  private static void answers(
      SideRun of, @Nullable Refusal refusal, Progress progress, List<DeviceReport> devices) {
    ClaimReport report =
        Scene.report(Side.SOURCE, Standing.OPEN, Goal.QUIESCED, progress, null, devices, List.of());
    var answer = new Answer(refusal, report, "agent-1", 0, 0);
    of.answered(RENEW, answer, new SideRun.Moment(0, 0), TERMS);
  }

  private static DeviceReport going(String name, DeviceState from, DeviceState to) {
    return new DeviceReport(new DeviceName(name), from, to, 0, null, 0, null);
  }

  private static ClaimReport report(long sequence, Goal goal) {
    return Scene.numbered(
        sequence,
        Scene.report(
            Side.SOURCE, Standing.OPEN, goal, Progress.MOVING, null, List.of(), List.of()));
  }
}

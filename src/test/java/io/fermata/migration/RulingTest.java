package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.Goal;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import io.fermata.handover.Testimony;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import io.fermata.migration.Ruling.Ground;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What an operator may decide on what is known, and what is asked of the agents then. */
class RulingTest {
  private static final Stop STOP = new Stop("slate", 1);
  private static final HostName THERE = new HostName("host-b");
  private static final Testimony WORD = new Testimony("ops", "BMC-off-1842", "rack burnt", 7);
  private static final Receipt READY = new Receipt.Ready(Orders.ID, STOP, THERE, List.of());
  private static final Receipt SEAL = new Receipt.Sealed(Orders.ID, STOP, THERE, List.of());
  private static final Receipt STARTED = new Receipt.Started(Orders.ID, STOP, THERE);
  private static final Receipt VOIDED = new Receipt.Voided(Orders.ID, STOP, THERE);
  private static final Receipt ADOPTED = new Receipt.Adopted(Orders.ID, STOP, THERE, WORD);
  private static final Sighting LOST = silent(Sighting.NONE);

  private final Sighting sealed = seen(Side.SOURCE, Goal.COPYING, Standing.OPEN, SEAL);
  private final Sighting ready = seen(Side.DESTINATION, Goal.STOPPED, Standing.OPEN, READY);
  private final Sighting runsThere =
      seen(Side.DESTINATION, Goal.RUNNING, Standing.OPEN, STARTED, ADOPTED);

  @Test
  void aSealedSourceMayBeKeptWhenTheDestinationIsLost() {
    Ruling ruling = Ruling.of(known((Resolution) null, sealed, LOST), Side.SOURCE);
    assertNull(ruling.objection());
    assertTrue(ruling.cautions().toString().contains("the guest runs twice"), ruling.toString());
    Request asked = asked(Side.SOURCE, Side.SOURCE, sealed, LOST);
    assertEquals(WORD, assertInstanceOf(Request.Reclaim.class, asked).word());
  }

  @Test
  void aDestinationThatAnswersIsAskedForItsOwnWord() {
    Request toSource = asked(Side.SOURCE, Side.SOURCE, sealed, ready);
    assertInstanceOf(Request.Renew.class, toSource, "it waits for the void receipt");
    assertInstanceOf(Request.Surrender.class, asked(Side.SOURCE, Side.DESTINATION, sealed, ready));
    Sighting voided = seen(Side.DESTINATION, Goal.STOPPED, Standing.CLOSED, VOIDED);
    assertInstanceOf(Request.Unseal.class, asked(Side.SOURCE, Side.SOURCE, sealed, voided));
  }

  @Test
  void theVoidOfTheSealedStopIsFoundAmongOthers() {
    Receipt older = new Receipt.Voided(Orders.ID, new Stop("slate", 0), THERE);
    Sighting both = seen(Side.DESTINATION, Goal.STOPPED, Standing.CLOSED, older, VOIDED);
    Request asked = asked(Side.SOURCE, Side.SOURCE, sealed, both);
    assertEquals(VOIDED, assertInstanceOf(Request.Unseal.class, asked).voided());
  }

  @Test
  void aSetThatRanAtTheDestinationIsNotKeptAtTheSource() {
    Sighting ran = seen(Side.DESTINATION, Goal.RUNNING, Standing.OPEN, STARTED);
    objects(Ground.CONTRADICTED, Side.SOURCE, sealed, ran);
    objects(Ground.CONTRADICTED, Side.SOURCE, sealed, silent(ran)); // its last word still holds
  }

  @Test
  void theKeptSideHasToAnswer() {
    objects(Ground.KEEPER_SILENT, Side.SOURCE, LOST, ready);
    objects(Ground.KEEPER_SILENT, Side.SOURCE, silent(sealed), LOST);
    objects(Ground.KEEPER_SILENT, Side.DESTINATION, sealed, silent(ready));
  }

  @Test
  void theKeptSideHasToHoldTheState() {
    Sighting released = seen(Side.SOURCE, Goal.STOPPED, Standing.RELEASED, SEAL, STARTED);
    objects(Ground.KEEPER_LACKS_STATE, Side.SOURCE, released, LOST);
    Sighting empty = seen(Side.DESTINATION, Goal.STOPPED, Standing.OPEN);
    objects(Ground.KEEPER_LACKS_STATE, Side.DESTINATION, LOST, empty);
    var older = new Receipt.Ready(Orders.ID, new Stop("slate", 0), THERE, List.of());
    Sighting stale = seen(Side.DESTINATION, Goal.STOPPED, Standing.OPEN, older);
    objects(Ground.KEEPER_LACKS_STATE, Side.DESTINATION, LOST, stale);
  }

  @Test
  void anUnsealedSourceThatAnswersOrTurnedBackIsNotPassedOver() {
    Sighting frozen = seen(Side.SOURCE, Goal.COPYING, Standing.OPEN);
    objects(Ground.CONTRADICTED, Side.DESTINATION, frozen, ready);
    Sighting turned = seen(Side.SOURCE, Goal.RUNNING, Standing.OPEN);
    objects(Ground.CONTRADICTED, Side.DESTINATION, silent(turned), ready);
    assertNull(
        Ruling.of(known((Resolution) null, silent(frozen), ready), Side.DESTINATION).objection());
  }

  @Test
  void aWholeCopyIsAdoptedWithoutASealAndStartedWithOne() {
    Request adopt = asked(Side.DESTINATION, Side.DESTINATION, LOST, ready);
    assertEquals(STOP, assertInstanceOf(Request.Adopt.class, adopt).stop());
    Request start = asked(Side.DESTINATION, Side.DESTINATION, silent(sealed), ready);
    assertInstanceOf(Request.Start.class, start);
    Ruling ruling = Ruling.of(known((Resolution) null, LOST, ready), Side.DESTINATION);
    assertTrue(ruling.cautions().toString().contains("not heard to seal"), ruling.toString());
  }

  @Test
  void itEndsWhenTheKeptSideHasProvenIt() {
    Sighting home = seen(Side.SOURCE, Goal.RUNNING, Standing.CLOSED);
    assertEquals(Outcome.RESOLVED, decide(Side.SOURCE, home, LOST).outcome());
    Sighting running = seen(Side.SOURCE, Goal.RUNNING, Standing.OPEN);
    assertInstanceOf(Request.Close.class, asked(Side.SOURCE, Side.SOURCE, running, LOST));
    assertInstanceOf(
        Request.Close.class, asked(Side.DESTINATION, Side.DESTINATION, LOST, runsThere));
    Sighting over = seen(Side.DESTINATION, Goal.RUNNING, Standing.CLOSED, STARTED, ADOPTED);
    assertEquals(Outcome.RESOLVED, decide(Side.DESTINATION, LOST, over).outcome());
  }

  @Test
  void aFactThatComesAfterTheDecisionOverturnsIt() {
    Sighting ran = seen(Side.DESTINATION, Goal.RUNNING, Standing.OPEN, STARTED);
    Decision there = decide(Side.SOURCE, sealed, ran);
    assertEquals(Trigger.FOUND_AT_DESTINATION, there.trigger());
    assertTrue(there.notes().stream().anyMatch(Note.Overturned.class::isInstance));
    Sighting runs = seen(Side.SOURCE, Goal.RUNNING, Standing.OPEN);
    assertEquals(Trigger.FOUND_AT_SOURCE, decide(Side.DESTINATION, runs, ready).trigger());
  }

  @Test
  void anAgentThatRefusesForGoodOverturnsTheDecision() {
    var refusal = new Refusal(Refusal.Code.STARTED, "it was started");
    Sighting refused = new Sighting(ready.report(), refusal, "Surrender", null, List.of());
    Decision decision = decide(Side.SOURCE, sealed, refused);
    assertNull(decision.trigger());
    Migration after =
        known(resolution(Side.SOURCE), sealed, refused).migration().with(decision.notes(), 5);
    assertNull(after.resolution());
    assertNotNull(after.failure());
    assertTrue(after.failure().detail().contains("STARTED"), after.failure().detail());
  }

  @Test
  void theOnlyCopyIsNotVoidedWhileTheSourceIsSilent() {
    Migration back = Orders.in(Phase.ROLLING_BACK, Evidence.NONE, STOP);
    Migration dark = back.with(List.of(new Note.WentDark()), 1);
    Sighting before = silent(seen(Side.SOURCE, Goal.COPYING, Standing.OPEN));
    assertTrue(voids(dark, before).isEmpty(), "the source may be lost");
    assertEquals(1, voids(dark, sealed).size());
    assertEquals(1, voids(dark, seen(Side.SOURCE, Goal.RUNNING, Standing.OPEN)).size());
    Migration light = Orders.in(Phase.ROLLING_BACK, Evidence.NONE, null);
    assertEquals(1, voids(light, LOST).size(), "nothing was stopped yet");
  }

  private List<Known.Ask> voids(Migration migration, Sighting source) {
    return MigrationDriver.decide(known(migration, source, ready)).asks().stream()
        .filter(ask -> ask.request() instanceof Request.VoidCopy)
        .toList();
  }

  private static void objects(Ground ground, Side keep, Sighting source, Sighting destination) {
    Ruling ruling = Ruling.of(known((Resolution) null, source, destination), keep);
    assertNotNull(ruling.objection(), ruling::toString);
    assertEquals(ground, ruling.objection().ground());
  }

  private static Decision decide(Side keep, Sighting source, Sighting destination) {
    return MigrationDriver.decide(known(resolution(keep), source, destination));
  }

  /** The first thing that is asked of that side. */
  private static Request asked(Side keep, Side of, Sighting source, Sighting destination) {
    return decide(keep, source, destination).asks().stream()
        .filter(ask -> ask.side() == of)
        .findFirst()
        .orElseThrow()
        .request();
  }

  private static Resolution resolution(Side keep) {
    return new Resolution(keep, WORD);
  }

  private static Known known(Resolution decided, Sighting source, Sighting destination) {
    Migration parked = Orders.in(Phase.NEEDS_OPERATOR, Evidence.NONE, STOP);
    Migration m =
        decided == null ? parked : parked.with(List.of(new Note.OperatorDecided(decided)), 1);
    return known(m, source, destination);
  }

  private static Known known(Migration m, Sighting source, Sighting destination) {
    var peers = new Known.Peers("http://a", "http://b", "b:1");
    return new Known(
        m,
        source,
        destination,
        Terms.usual(),
        2,
        2_000_000,
        Map.of(),
        peers,
        Known.JournalState.WRITES);
  }

  private static Sighting silent(Sighting before) {
    return new Sighting(before.report(), null, null, "connection refused", List.of());
  }

  private static Sighting seen(Side side, Goal goal, Standing standing, Receipt... receipts) {
    var report =
        new ClaimReport(
            Orders.ID,
            side,
            1,
            new Epoch(1, "me"),
            standing,
            goal,
            Progress.REACHED,
            GuestState.PAUSED,
            STOP,
            List.of(receipts),
            List.of(),
            List.of(),
            0);
    return new Sighting(report, null, null, null, List.of());
  }
}

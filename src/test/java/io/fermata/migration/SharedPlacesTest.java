package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.handover.Epoch;
import io.fermata.handover.MigrationId;
import io.fermata.journal.Change;
import io.fermata.journal.Document;
import io.fermata.journal.Extra;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.Row;
import io.fermata.journal.RowWrite;
import io.fermata.journal.VersionConflict;
import io.fermata.migration.Places.Seat;
import io.fermata.migration.Places.Stage;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** One blackout for all replicas together: whose it is stands in a row, or in a grant before it. */
class SharedPlacesTest {
  private static final MigrationId OWN = new MigrationId("m0000077");
  private static final Migration OTHER = Orders.in(Phase.PRECOPYING, Evidence.NONE, null);

  private final MemoryJournal journal =
      new MemoryJournal(InstantSource.system(), Duration.ofDays(1));
  private final SharedPlaces one = new SharedPlaces(journal);
  private final SharedPlaces two = new SharedPlaces(journal);

  private void row(Migration m, long version, long before) {
    var write = new RowWrite(Writer.row(m, version, 0), before);
    journal.append(new Change(List.of(), write, null)).join();
  }

  /** What the replica decides that has one of its own, ready to go dark. */
  private static Places.Decided decided(SharedPlaces places, Set<MigrationId> own) {
    List<Seat> seats = new ArrayList<>(places.seats(own));
    seats.add(new Seat(OWN, "a", "b", Priority.USER, "me", 1, Stage.WAITS_TO_DARKEN, 1));
    var rules = new Places.Rules(new Limits(9, 9, 9, 9, 1, 99), 60_000);
    return Places.decide(new Places.Question(seats, rules, false, 1_000));
  }

  private static Places.Decided dark(MigrationId... ids) {
    return new Places.Decided(List.of(), List.of(ids), Map.of(), new Places.Tally());
  }

  private static Places.Decided start(MigrationId... ids) {
    return new Places.Decided(List.of(ids), List.of(), Map.of(), new Places.Tally());
  }

  private static Migration queued(String id) {
    return Orders.queued(id, new Epoch(1, "me"));
  }

  /** A run whose row shows it as it is. */
  private static Run run(Migration m) {
    return new Run(m, 1);
  }

  private static void grants(SharedPlaces places, Places.Decided to, Run... runs) {
    places.written(places.grant(List.of(runs), to).join());
  }

  /** What the document says of each migration. */
  private String granted() {
    return journal.documents(SharedPlaces.KIND).getFirst().data();
  }

  @Test
  void aGuestThatAnotherReplicaKeepsDarkTakesTheBlackout() {
    row(OTHER, 1, 0);
    one.know(one.read());
    assertEquals(List.of(OWN), decided(one, Set.of(OWN)).darkenings(), "nobody is dark");
    row(OTHER.with(List.of(new Note.WentDark()), 500), 2, 1);
    one.know(one.read());
    Places.Decided decided = decided(one, Set.of(OWN));
    assertEquals(List.of(), decided.darkenings());
    assertEquals(Limits.Scope.BLACKOUT, decided.waits().get(OWN).scope());
  }

  @Test
  void aBlackoutThatWasGrantedCountsBeforeAnyRowShowsIt() {
    row(OTHER, 1, 0);
    two.know(two.read());
    two.written(two.grant(List.of(new Run(OTHER, 1)), dark(OTHER.id())).join());
    one.know(one.read());
    assertEquals(List.of(), decided(one, Set.of(OWN)).darkenings());
  }

  @Test
  void ofTwoThatDecideAtOnceOneIsRefused() {
    row(OTHER, 1, 0);
    one.know(one.read());
    two.know(two.read());
    two.written(two.grant(List.of(new Run(OTHER, 1)), dark(OTHER.id())).join());
    var refused =
        assertThrows(
            CompletionException.class,
            () -> one.grant(List.of(), decided(one, Set.of(OWN))).join());
    assertInstanceOf(VersionConflict.class, refused.getCause());
  }

  /** What it was granted goes with it to whoever takes it over, and is not counted twice. */
  @Test
  void whoTakesItOverHasItsGrantToo() {
    row(OTHER, 1, 0);
    two.know(two.read());
    two.written(two.grant(List.of(new Run(OTHER, 1)), dark(OTHER.id())).join());
    Migration taken = OTHER.with(List.of(new Note.TakenOver(new Epoch(9, "one"))), 600);
    row(taken, 2, 1);
    one.know(one.read());
    assertEquals(List.of(), one.seats(Set.of(OTHER.id())), "it is our own now");
    one.written(one.grant(List.of(new Run(taken, 2)), dark(OTHER.id())).join());
    two.know(two.read());
    assertEquals(List.of(Stage.DARK), two.seats(Set.of()).stream().map(Seat::stage).toList());
  }

  private static Migration went() {
    return OTHER.with(List.of(new Note.WentDark()), 500);
  }

  private static Migration came() {
    return went().with(List.of(new Note.CameBack(new Migration.Blackout(1, 1, 1, 1, 1))), 600);
  }

  /** What another replica's migration takes, by its row and by what it was granted. */
  private record Other(String name, Migration row, Places.Decided granted, Stage takes) {}

  private static final Migration WAITS = Orders.in(Phase.QUEUED, Evidence.NONE, null);
  private static final Migration PARKED = Orders.in(Phase.NEEDS_OPERATOR, Evidence.NONE, null);
  private static final List<Other> OTHERS =
      List.of(
          new Other("waits", WAITS, dark(), Stage.WAITS_TO_START),
          new Other("was let in", WAITS, start(Orders.ID), Stage.STARTED),
          new Other("copies", OTHER, dark(), Stage.STARTED),
          new Other("may go dark", OTHER, dark(Orders.ID), Stage.DARK),
          new Other("is dark", went(), dark(), Stage.DARK),
          new Other("came back whatever it may", came(), dark(Orders.ID), Stage.STARTED),
          new Other("is parked whatever it may", PARKED, dark(Orders.ID), Stage.PARKED));

  @TestFactory
  Stream<DynamicTest> whatAnOtherTakesStandsInItsRowOrInItsGrant() {
    return OTHERS.stream()
        .map(
            each -> DynamicTest.dynamicTest(each.name(), () -> new SharedPlacesTest().takes(each)));
  }

  private void takes(Other other) {
    row(other.row(), 1, 0);
    grants(two, other.granted(), run(other.row()));
    one.know(one.read());
    Seat seat = one.seats(Set.of()).getFirst();
    assertEquals(other.takes(), seat.stage());
    assertEquals(other.row().phaseSince(), seat.since());
  }

  @Test
  void whoWaitsElsewhereIsKnownAndCounted() {
    row(queued("m0000003"), 1, 0);
    row(queued("m0000004"), 1, 0);
    row(OTHER, 1, 0);
    one.know(one.read());
    assertEquals(2, one.queued(Set.of()));
    assertEquals(1, one.queued(Set.of(new MigrationId("m0000003"))));
    assertEquals(Optional.of(OTHER), one.other(OTHER.id()));
    assertEquals(Optional.empty(), one.other(OWN));
  }

  @Test
  void whatCannotBeReadTakesNothing() {
    var row = new Row("m0000009", "vm", "a", "b", "QUIESCING", null, "o1", 1, 1, 1, 1, "{\"id\":");
    journal.append(new Change(List.of(), new RowWrite(row, 0), null)).join();
    row(OTHER, 1, 0);
    var later = new Document(SharedPlaces.KIND, "another", 1, "what a later version keeps");
    journal.append(Change.extra(new Extra.Put(later, 0))).join();
    one.know(one.read());
    assertEquals(List.of(OTHER.id()), one.seats(Set.of()).stream().map(Seat::id).toList());
  }

  @Test
  void nothingIsLearnedWhileAWriteIsOut() {
    var written = one.grant(List.of(run(OTHER)), dark(OTHER.id()));
    assertTrue(one.isWriting());
    row(OTHER, 1, 0);
    one.know(one.read());
    assertEquals(Optional.empty(), one.other(OTHER.id()), "what was decided on still counts");
    one.written(written.join());
    assertFalse(one.isWriting());
    one.know(one.read());
    assertEquals(Optional.of(OTHER), one.other(OTHER.id()));
  }

  @Test
  void whatWasReadBeforeOurOwnWriteIsForgotten() {
    row(OTHER, 1, 0);
    SharedPlaces.Read before = one.read();
    grants(one, dark(OTHER.id()), run(OTHER));
    one.know(before);
    assertEquals(Optional.empty(), one.other(OTHER.id()));
    one.know(one.read());
    assertEquals(List.of(Stage.DARK), one.seats(Set.of()).stream().map(Seat::stage).toList());
  }

  @Test
  void whoWasRefusedHoldsWhatHeHadAndDecidesAnewOnWhatIsThere() {
    row(OTHER, 1, 0);
    grants(one, dark(OTHER.id()), run(OTHER));
    two.know(two.read());
    grants(two, start(OWN), run(queued(OWN.value())));
    var refused = one.grant(List.of(run(OTHER)), dark());
    assertTrue(refused.isCompletedExceptionally());
    one.written(null);
    assertFalse(one.isWriting());
    assertTrue(one.isToTidy(List.of(run(OTHER))), "the right is still there");
    one.know(one.read());
    grants(one, dark(), run(OTHER));
    assertFalse(one.isToTidy(List.of(run(OTHER))));
  }

  @Test
  void aRightToGoDarkThatIsGivenBackIsTakenOutOfTheGrants() {
    grants(one, dark(OTHER.id()), run(OTHER));
    Run gaveBack = run(OTHER);
    assertTrue(one.isToTidy(List.of(run(queued("m0000003")), gaveBack)));
    Run has = run(OTHER);
    has.letDarken();
    assertFalse(one.isToTidy(List.of(has)));
    Run used = run(went());
    assertFalse(one.isToTidy(List.of(used)), "its row tells of it");
    assertFalse(one.isToTidy(List.of(run(queued("m0000003")))), "it never had one");
  }

  @Test
  void aStartIsNoRightThatCouldBeGivenBack() {
    Run starts = run(queued("m0000003"));
    grants(one, start(starts.migration().id()), starts);
    assertFalse(one.isToTidy(List.of(starts)));
  }

  @Test
  void ourOwnGrantsAreKeptUntilTheirRowsAreOnDisk() {
    Run waits = run(queued("m0000003"));
    Run starts = run(queued("m0000004"));
    starts.letStart();
    Run moved = run(queued("m0000005"));
    moved.letStart();
    moved.become(checking(moved.migration()), 0);
    Run shown = run(checking(queued("m0000006")));
    shown.letStart();
    Run darkens = run(OTHER);
    darkens.letDarken();
    grants(one, start(OWN), run(queued(OWN.value())), waits, starts, moved, shown, darkens);
    assertEquals(
        "{\"slots\":{\"m0000001\":{\"dark\":true},\"m0000004\":{\"dark\":false},"
            + "\"m0000005\":{\"dark\":false},\"m0000077\":{\"dark\":false}}}",
        granted());
  }

  private static Migration checking(Migration m) {
    var moved = new Note.Moved(Phase.QUEUED, Phase.CHECKING, Trigger.ADMITTED, null);
    return m.with(List.of(moved), 1);
  }

  /** The document would grow with every migration if nobody took out what is over. */
  @Test
  void aGrantOfAnotherIsTakenOutOnceItsRowShowsIt() {
    Migration waits = queued("m0000003");
    row(OTHER, 1, 0);
    row(waits, 1, 0);
    var both =
        new Places.Decided(
            List.of(waits.id(), OWN), List.of(OTHER.id()), Map.of(), new Places.Tally());
    grants(two, both, run(OTHER), run(waits), run(queued(OWN.value())));
    one.know(one.read());
    grants(one, dark());
    assertEquals(
        "{\"slots\":{\"m0000001\":{\"dark\":true},\"m0000003\":{\"dark\":false}}}",
        granted(),
        "one is not in the journal any more");
    row(went(), 2, 1);
    row(checking(waits), 2, 1);
    one.know(one.read());
    grants(one, dark());
    assertEquals("{\"slots\":{}}", granted());
  }
}

package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fermata.handover.Epoch;
import io.fermata.handover.MigrationId;
import io.fermata.journal.Change;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.RowWrite;
import io.fermata.journal.VersionConflict;
import io.fermata.migration.Places.Seat;
import io.fermata.migration.Places.Stage;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

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

  private static Places.Decided dark(MigrationId id) {
    return new Places.Decided(List.of(), List.of(id), Map.of(), new Places.Tally());
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
}

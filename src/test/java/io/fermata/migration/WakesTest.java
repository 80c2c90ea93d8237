package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fermata.handover.Epoch;
import io.fermata.handover.MigrationId;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Each run is woken once, at the time that was said last. */
class WakesTest {
  private final Wakes wakes = new Wakes();
  private final Run first = run("m0000001");
  private final Run second = run("m0000002");

  private static Run run(String id) {
    return new Run(Orders.queued(id, new Epoch(1, "o1")), 1);
  }

  private static Optional<MigrationId> id(String id) {
    return Optional.of(new MigrationId(id));
  }

  @Test
  void theEarliestIsFirstAndEachIsDueAtItsTime() {
    assertEquals(Long.MAX_VALUE, wakes.nextMillis());
    wakes.set(first, 20);
    wakes.set(second, 10);
    assertEquals(10, wakes.nextMillis());
    assertEquals(Optional.empty(), wakes.due(9));
    assertEquals(id("m0000002"), wakes.due(10));
    assertEquals(Optional.empty(), wakes.due(19));
    assertEquals(id("m0000001"), wakes.due(30));
    assertEquals(Optional.empty(), wakes.due(30));
  }

  @Test
  void anotherTimeTakesThePlaceOfTheOneBefore() {
    wakes.set(first, 10);
    wakes.set(first, 30);
    assertEquals(30, wakes.nextMillis());
    assertEquals(Optional.empty(), wakes.due(29));
    assertEquals(id("m0000001"), wakes.due(30));
    assertEquals(Long.MAX_VALUE, wakes.nextMillis());
  }

  @Test
  void twoAtOneTimeAreBothWoken() {
    wakes.set(second, 10);
    wakes.set(first, 10);
    assertEquals(id("m0000001"), wakes.due(10));
    assertEquals(id("m0000002"), wakes.due(10));
  }

  @Test
  void whoIsForgottenIsNotWokenAndTheOthersAre() {
    wakes.set(first, 10);
    wakes.set(second, 10);
    wakes.forget(new MigrationId("m0000001"));
    assertEquals(id("m0000002"), wakes.due(10));
    assertEquals(Optional.empty(), wakes.due(10));
  }
}

package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Each limit has its range, and says its name when it is left. */
class LimitsTest {
  private static final List<String> NAMES =
      List.of("cluster", "perSource", "perDestination", "perPair", "blackouts", "queued");

  private static final List<Limits.Scope> SCOPES = List.copyOf(EnumSet.allOf(Limits.Scope.class));

  private static Limits with(int which, int value) {
    int[] all = IntStream.range(0, NAMES.size()).map(i -> i == which ? value : i + 2).toArray();
    return new Limits(all[0], all[1], all[2], all[3], all[4], all[5]);
  }

  @TestFactory
  Stream<DynamicTest> aLimitOutOfItsRangeIsNamed() {
    return IntStream.range(0, NAMES.size())
        .boxed()
        .flatMap(i ->
            Stream.of(0, Limits.MOST + 1)
                .map(value ->
                    DynamicTest.dynamicTest(
                        NAMES.get(i) + " " + value,
                        () -> {
                          String told =
                              assertThrows(IllegalArgumentException.class, () -> with(i, value))
                                  .getMessage();
                          assertTrue(told.contains(NAMES.get(i) + " must be from 1 to"), told);
                        })));
  }

  @Test
  void bothEndsOfTheRangeAreIn() {
    for (int i = 0; i < NAMES.size(); i++) {
      assertEquals(1, with(i, 1).of(SCOPES.get(i)));
      assertEquals(Limits.MOST, with(i, Limits.MOST).of(SCOPES.get(i)));
    }
  }

  @Test
  void aScopeHasItsOwnLimit() {
    Limits all = with(0, 2);
    for (int i = 0; i < NAMES.size(); i++) {
      assertEquals(i + 2, all.of(SCOPES.get(i)));
    }
    assertEquals("source", Limits.Scope.SOURCE.word());
  }
}

package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MigrationTest {
  private static final Failure LATE = Failure.of(Failure.Code.DEADLINE, "took too long");

  @ParameterizedTest
  @EnumSource
  void aFailureThatWasOvertakenIsNoneAnyMore(Outcome outcome) {
    Migration failed =
        Orders.in(Phase.CLEANING, Evidence.NONE, null).with(List.of(new Note.Failed(LATE)), 1);
    Migration ended =
        failed.with(List.of(new Note.Moved(Phase.CLEANING, Phase.DONE, null, outcome)), 2);
    if (outcome == Outcome.SUCCEEDED) {
      assertNull(ended.failure());
    } else {
      assertEquals(LATE, ended.failure());
    }
  }
}

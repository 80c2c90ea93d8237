package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What a replica may drive while its lease runs, is over, and cannot be renewed. */
class TenureTest {
  private static final Phase BEFORE = Phase.PRECOPYING;
  private static final Phase DARK = Phase.COPYING;

  @Test
  void whoIsAloneDrivesEverythingAtAnyTime() {
    Tenure alone = Tenure.alone();
    assertTrue(alone.holds(Long.MAX_VALUE));
    assertTrue(alone.mayDrive(BEFORE, Long.MAX_VALUE));
    alone.silent();
    assertFalse(alone.isCutOff(), "nobody can take over");
  }

  @Test
  void amongOthersNothingIsHeldBeforeTheFirstLease() {
    Tenure tenure = Tenure.leased();
    assertFalse(tenure.holds(Long.MIN_VALUE));
    assertFalse(tenure.mayDrive(BEFORE, 0));
    assertFalse(tenure.isCutOff());
  }

  @Test
  void aLeaseHoldsUntilItsEndAndNotAtIt() {
    Tenure tenure = Tenure.leased();
    tenure.renewed(100);
    assertTrue(tenure.holds(99));
    assertTrue(tenure.mayDrive(BEFORE, 99));
    assertFalse(tenure.holds(100));
    assertFalse(tenure.mayDrive(BEFORE, 100));
    assertTrue(tenure.mayDrive(DARK, 100), "nobody may wait for a guest that is dark");
  }

  /** {@link System#nanoTime} may run over. */
  @Test
  void aClockThatRunsOverEndsNoLease() {
    Tenure tenure = Tenure.leased();
    tenure.renewed(Long.MIN_VALUE + 10);
    assertTrue(tenure.holds(Long.MAX_VALUE));
    assertFalse(tenure.holds(Long.MIN_VALUE + 10));
  }

  @Test
  void withoutADatabaseItDrivesOnAsWithAJournalThatFailsUntilItIsRenewed() {
    Tenure tenure = Tenure.leased();
    tenure.renewed(100);
    tenure.silent();
    assertTrue(tenure.isCutOff());
    assertFalse(tenure.holds(100));
    assertTrue(tenure.mayDrive(BEFORE, 100), "a pre-copy is kept alive");
    tenure.renewed(200);
    assertFalse(tenure.isCutOff());
    assertEquals(true, tenure.holds(199));
    assertFalse(tenure.mayDrive(BEFORE, 200));
  }
}

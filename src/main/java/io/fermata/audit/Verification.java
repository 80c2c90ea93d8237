package io.fermata.audit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a walk along all chains found.
 *
 * @param intact whether every record is what was written and follows on the one before it
 * @param waiting records that wait in memory for a store that took none
 */
public record Verification(boolean intact, long records, int waiting, List<Chain> chains) {
  /**
   * One chain.
   *
   * @param head hash of its last record: noted elsewhere, it shows later that nothing was cut off
   */
  public record Chain(String name, long records, String head, @Nullable Break broken) {}

  /** The first record of a chain that is not what it should be. */
  public record Break(long number, String what) {}
}

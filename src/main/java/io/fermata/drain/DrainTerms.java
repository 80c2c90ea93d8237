package io.fermata.drain;

import io.fermata.handover.HostName;
import io.fermata.migration.Order.OnBudgetExceeded;
import io.fermata.migration.Order.PreCopyTerms;
import io.fermata.migration.Priority;
import java.util.List;

/**
 * On what terms a host is evacuated. Complete: every default is filled in.
 *
 * @param destinations where machines may go; empty for any host that takes new ones
 * @param exclude machines that stay
 * @param concurrency migrations of the drain that may be under way at once
 * @param blackoutBudgetMillis how long each guest may be dark; 0 means no budget
 */
public record DrainTerms(
    List<HostName> destinations,
    List<String> exclude,
    int concurrency,
    Priority priority,
    long blackoutBudgetMillis,
    OnBudgetExceeded onBudgetExceeded,
    PreCopyTerms preCopy) {
  public DrainTerms {
    destinations = List.copyOf(destinations);
    exclude = List.copyOf(exclude);
    if (concurrency < 1) {
      throw new IllegalArgumentException("a drain's concurrency is at least 1, is " + concurrency);
    }
  }
}

package io.fermata.migration.metrics;

import io.fermata.metrics.Gauges;
import io.fermata.metrics.Instruments;
import io.fermata.migration.Keeper;
import java.util.Optional;
import java.util.function.Supplier;

/** What this replica sees of the others: the same for all, so dashboards take the maximum. */
public final class ReplicaMetrics {
  private static final String REPLICAS = "fermata_replicas";
  private static final String ORPHANS = "fermata_orphaned_migrations";

  private ReplicaMetrics() {}

  /**
   * Shows them.
   *
   * @param keeper empty where the journal is nobody else's: then there is one replica
   */
  public static void show(Instruments instruments, Supplier<Optional<Keeper>> keeper) {
    instruments.read(
        new Gauges(
                readings -> {
                  Keeper.Seen seen =
                      keeper.get().map(Keeper::seen).orElseGet(() -> new Keeper.Seen(1, 0));
                  readings.put(REPLICAS, seen.living());
                  readings.put(ORPHANS, seen.orphans());
                })
            .gauge(REPLICAS, "Replicas whose lease runs.")
            .gauge(ORPHANS, "Open migrations whose owner's lease had ended at the last look."));
  }
}

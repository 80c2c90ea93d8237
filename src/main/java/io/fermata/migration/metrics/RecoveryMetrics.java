package io.fermata.migration.metrics;

import io.fermata.metrics.Gauges;
import io.fermata.metrics.Instruments;
import io.fermata.migration.Recovery;

/** Whether this replica waits for somebody to accept what only the agents know. */
public final class RecoveryMetrics {
  private static final String QUARANTINE = "fermata_recovery_quarantine";
  private static final String UNCOMPARED = "fermata_recovery_uncompared_hosts";

  private RecoveryMetrics() {}

  /** Shows it. */
  public static void show(Instruments instruments, Recovery recovery) {
    instruments.read(
        new Gauges(
                readings -> {
                  Recovery.View view = recovery.view();
                  readings.put(QUARANTINE, view.waits() ? 1 : 0);
                  readings.put(UNCOMPARED, view.silent().size());
                })
            .gauge(QUARANTINE, "1 while agents know more than the journal and nobody accepted it.")
            .gauge(UNCOMPARED, "Hosts that have not said what they remember since the start."));
  }
}

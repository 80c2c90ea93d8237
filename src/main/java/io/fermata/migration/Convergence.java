package io.fermata.migration;

import io.fermata.device.DeviceState;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When pre-copy has done what it can: little enough is left, nothing is gained any more, time is
 * up, or somebody asked for the barrier. A driver that begins anew (REINIT of the kernel's {@code
 * VFIO_MIG_GET_PRECOPY_INFO}) takes the first two back.
 */
final class Convergence {
  private Convergence() {}

  static boolean reached(Known k) {
    Order.PreCopyTerms terms = k.migration().order().preCopy();
    boolean late = k.nowMillis() - k.migration().phaseSince() >= terms.maxSeconds() * 1000L;
    return k.migration().switchover() || late || ready(k, terms);
  }

  private static boolean ready(Known k, Order.PreCopyTerms terms) {
    Flow flow = k.source().flow();
    return !flow.restarted()
        && (little(k.source().report(), terms) || gainsNothing(flow, k.terms()));
  }

  /** The guest writes as fast as the copy reads: waiting makes the blackout no shorter. */
  private static boolean gainsNothing(Flow flow, Terms terms) {
    return flow.left() != null && flow.stalledNanos() >= terms.convergenceMillis() * 1_000_000;
  }

  /** A device whose remainder is not known yet keeps the set from converging. */
  private static boolean little(@Nullable ClaimReport report, Order.PreCopyTerms terms) {
    if (report == null) {
      return false;
    }
    List<DeviceReport> tracked =
        report.devices().stream().filter(d -> d.state() == DeviceState.PRE_COPY).toList();
    long left = 0;
    for (DeviceReport device : tracked) {
      Long bytes = device.leftBytes();
      if (bytes == null) {
        return false;
      }
      left += bytes;
    }
    return left <= terms.switchoverBelowBytes();
  }
}

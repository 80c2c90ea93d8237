package io.fermata.migration;

import io.fermata.fleet.DeviceView;
import io.fermata.fleet.Fleet;
import io.fermata.handover.HostName;
import io.fermata.handover.Side;
import io.fermata.handover.message.HopReport;
import java.util.List;

/** Learns how long hops take from every migration that is over and whose guest had been dark. */
final class Learning implements Onlooker {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Fleet fleet;
  private final Latencies latencies;

  Learning(Fleet fleet, Latencies latencies) {
    this.fleet = fleet;
    this.latencies = latencies;
  }

  @Override
  public void kept(Migration durable, Sides sides) {
    if (durable.ended()) {
      over(durable, sides.on(Side.SOURCE).hops(), sides.on(Side.DESTINATION).hops());
    }
  }

  /** Takes in one that is over. */
  void over(Migration m, List<HopReport> source, List<HopReport> destination) {
    if (m.darkSince() == 0) {
      return;
    }
    learn(m.order().source(), source);
    learn(m.order().destination(), destination);
    if (m.outcome() == Outcome.SUCCEEDED) {
      fleet
          .host(m.order().source())
          .map(host -> Estimate.of(m.order(), host, latencies).copyMillis())
          .ifPresent(copy -> latencies.learn(m, copy * NANOS_PER_MILLI));
    }
  }

  private void learn(HostName host, List<HopReport> reports) {
    fleet
        .host(host)
        .ifPresent(
            known -> latencies.learn(reports, name -> known.device(name).map(DeviceView::profile)));
  }
}

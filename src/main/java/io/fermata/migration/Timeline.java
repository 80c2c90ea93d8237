package io.fermata.migration;

import io.fermata.handover.message.HopReport;
import java.util.List;

/**
 * Every hop of a migration as both agents reported it, with the clocks to lay them side by side;
 * written once, at its end.
 */
record Timeline(
    List<HopReport> source,
    Live.ClockMapping sourceClock,
    List<HopReport> destination,
    Live.ClockMapping destinationClock) {
  static final String TYPE = "migration.timeline";
}

package io.fermata.agent;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceFault;
import io.fermata.handover.Claims;
import io.fermata.handover.HostName;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.HopReport;
import io.fermata.wire.AgentStatus;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Devices and claims as text for a terminal: at most 100 columns. */
final class DeviceTable {
  private static final String DEVICE = "%-16.16s %-24.24s %-23.23s %-13.13s %-20.20s%n";
  private static final double NANOS_PER_MILLI = 1e6;

  private DeviceTable() {}

  /** What {@code agent --list} prints: each device is asked once. */
  static String of(HostName host, HostDevices devices) {
    StringBuilder text = head(host);
    for (DeviceControl device : devices.held()) {
      Claims.Holding holding = devices.holdings().get(device.name());
      String vm = holding == null ? null : holding.vm();
      String state = asked(() -> device.state().name());
      text.append(
          line(
              device.name().value(),
              device.profile().key(),
              device.capabilities().offered(),
              state,
              vm));
    }
    devices.unavailable().forEach(each -> text.append(missing(each)));
    return text.toString();
  }

  private static String asked(Supplier<String> question) {
    try {
      return question.get();
    } catch (DeviceFault e) {
      return e.errno().toString();
    }
  }

  /** One claim with its devices and hops. */
  static String of(ClaimReport report) {
    StringBuilder text = new StringBuilder();
    text.append(
        "%s  %s %s  goal %s %s  guest %s  stop %s  promised %s%n"
            .formatted(
                report.migration(),
                report.side(),
                report.standing(),
                report.goal(),
                report.progress(),
                report.guest() == ClaimReport.GuestState.HELD
                    ? "HELD (somebody else had paused it; it stays so)"
                    : report.guest(),
                report.stop() == null ? "-" : report.stop(),
                report.promised()));
    for (ClaimReport.DeviceReport device : report.devices()) {
      text.append(
          "%-16.16s %-13.13s %12d bytes  %s%n"
              .formatted(
                  device.name(),
                  device.state(),
                  device.movedBytes(),
                  device.trouble() == null ? "" : device.trouble()));
    }
    for (HopReport hop : report.hops()) {
      text.append(
          "%-16.16s %-24.24s %-8.8s %-13.13s %8.2f ms  %s%n"
              .formatted(
                  hop.device(),
                  hop.requested(),
                  hop.outcome(),
                  hop.observed(),
                  (hop.endNanos() - hop.startNanos()) / NANOS_PER_MILLI,
                  hop.error() == null ? "" : hop.error()));
    }
    return text.toString();
  }

  private static StringBuilder head(HostName host) {
    return new StringBuilder("host " + host + "\n")
        .append(DEVICE.formatted("DEVICE", "DRIVER/MODEL", "OFFERS", "STATE", "HELD BY"));
  }

  private static String line(
      String name, String key, Object offered, String state, @Nullable String holder) {
    String flags = offered.toString().replaceAll("[\\[\\] ]", "").toLowerCase(Locale.ROOT);
    return DEVICE.formatted(name, key, flags, state, holder == null ? "-" : holder);
  }

  private static String missing(AgentStatus.Unavailable device) {
    return "%-16.16s not available: %s%n".formatted(device.name(), device.reason());
  }
}

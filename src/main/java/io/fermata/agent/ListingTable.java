package io.fermata.agent;

import static java.util.stream.Collectors.joining;

import io.fermata.agent.device.kernel.Discovery;
import io.fermata.device.Capabilities;
import io.fermata.handover.HostName;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The devices of a host for a terminal, at most 100 columns: where each one is, and below it what
 * it offers and how it stands, or why it cannot be moved. Only a path that is longer breaks the
 * rule.
 */
final class ListingTable {
  private static final String WHERE = "%-14.14s %-36.36s %-20.20s %5.5s %4.4s %-12.12s";
  private static final String WHAT = "%-14.14s %-36.36s %-13.13s %9.9s  %-23.23s";
  private static final String INDENT = " ".repeat(15);
  private static final int COLUMNS = 100;
  private static final double UNIT = 1024;
  private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB");

  private ListingTable() {}

  static String of(HostName host, List<DeviceListing> devices) {
    StringBuilder text = new StringBuilder("host " + host + ", " + devices.size() + " devices\n");
    line(text, WHERE.formatted("DEVICE", "AT", "DRIVER", "GROUP", "NUMA", "FUNCTION OF"));
    line(text, WHAT.formatted("", "OFFERS", "STATE", "SIZE", "MACHINE"));
    devices.forEach(device -> append(text, device));
    return text.toString();
  }

  private static void append(StringBuilder text, DeviceListing device) {
    DeviceListing.Place place = device.place();
    var profile = device.profile();
    line(
        text,
        WHERE.formatted(
            shown(device.name()),
            place == null ? "-" : place.address(),
            profile == null ? "-" : profile.driver(),
            place == null ? "-" : shown(place.group()),
            place == null ? "-" : shown(place.numaNode()),
            profile == null ? "-" : shown(profile.parent())));
    if (device.capabilities() != null || device.vm() != null || device.obstacle() == null) {
      line(
          text,
          WHAT.formatted(
              "",
              offers(device.capabilities()),
              shown(device.state()),
              size(device.dataSize()),
              shown(device.vm())));
    }
    holder(device).ifPresent(holder -> wrap(text, holder));
    if (device.obstacle() != null) {
      wrap(text, "cannot be moved: " + device.obstacle());
    }
    if (place != null && !place.groupPeers().isEmpty()) {
      wrap(
          text,
          "shares its group, and so its owner, with " + String.join(", ", place.groupPeers()));
    }
  }

  private static void line(StringBuilder text, String line) {
    text.append(line.stripTrailing()).append('\n');
  }

  /** Whole words, as many as fit. */
  private static void wrap(StringBuilder text, String sentence) {
    StringBuilder line = new StringBuilder(INDENT);
    for (String word : sentence.split(" ")) {
      if (line.length() + word.length() > COLUMNS && !line.toString().isBlank()) {
        line(text, line.toString());
        line.setLength(INDENT.length());
      }
      line.append(word).append(' ');
    }
    line(text, line.toString());
  }

  private static String shown(@Nullable Object value) {
    return value == null ? "-" : value.toString();
  }

  private static String offers(@Nullable Capabilities offered) {
    if (offered == null) {
      return "not asked";
    }
    return offered.offered().stream()
        .map(each -> each.name().toLowerCase(Locale.ROOT))
        .collect(joining(","));
  }

  private static String size(@Nullable Long bytes) {
    if (bytes == null) {
      return "-";
    }
    double amount = bytes;
    int unit = 0;
    while (amount >= UNIT && unit < UNITS.size() - 1) {
      amount /= UNIT;
      unit++;
    }
    return (unit == 0 ? "%.0f %s" : "%.1f %s").formatted(amount, UNITS.get(unit));
  }

  private static Optional<String> holder(DeviceListing device) {
    String others =
        device.holders().stream().map(Discovery.Holder::toString).collect(joining(", "));
    if (!device.held()) {
      return Optional.empty(); // whoever holds it is why it cannot be moved
    }
    String claim = device.claim() == null ? "" : ", claimed by " + device.claim();
    String also = others.isEmpty() ? "" : ", open in " + others;
    return Optional.of("held by this agent" + claim + also);
  }
}

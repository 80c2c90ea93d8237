package io.fermata.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceState;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.HopReport.Outcome;
import io.fermata.migration.Live;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The hops of one side of a migration as its agent reported them, in order of return. */
record HopLog(List<HopReport> hops) {
  private static final double NANOS_PER_MILLI = 1e6;

  static HopLog of(Live.SideView side) {
    return new HopLog(side.hops());
  }

  /** Every arc that this device took, as {@code RUNNING→STOP}; those that failed are left out. */
  List<String> of(String device) {
    return hops.stream()
        .filter(h -> h.device().value().equals(device) && h.outcome() == Outcome.DONE)
        .map(h -> h.requested().toString())
        .toList();
  }

  /** Hops of this device that did not end where they were to. */
  List<HopReport> failuresOf(String device) {
    return hops.stream()
        .filter(h -> h.device().value().equals(device) && h.outcome() != Outcome.DONE)
        .toList();
  }

  /** Each of these devices took exactly these arcs in this order. */
  void everyOneTook(Collection<String> devices, String... arcs) {
    devices.forEach(d -> assertEquals(List.of(arcs), of(d), d + " of " + hops));
    assertTrue(hops.stream().allMatch(h -> h.outcome() == Outcome.DONE), () -> "" + hops);
  }

  /** Each of these devices took these arcs last. */
  void everyOneEndedWith(Collection<String> devices, String... arcs) {
    for (String device : devices) {
      List<String> took = of(device);
      int from = Math.max(0, took.size() - arcs.length);
      assertEquals(List.of(arcs), took.subList(from, took.size()), device + " of " + hops);
    }
  }

  /** A gate: the last of the first arc had returned before the first of the second was asked. */
  void wholeSetTook(String first, String second) {
    List<HopReport> before = taking(first);
    List<HopReport> after = taking(second);
    assertFalse(before.isEmpty() || after.isEmpty(), () -> first + ", " + second + ": " + hops);
    long last = before.stream().mapToLong(HopReport::endNanos).max().getAsLong();
    long next = after.stream().mapToLong(HopReport::startNanos).min().getAsLong();
    assertTrue(last <= next, () -> second + " began before all had taken " + first + ": " + hops);
  }

  private List<HopReport> taking(String arc) {
    return hops.stream().filter(h -> h.requested().toString().equals(arc)).toList();
  }

  /** The hop over that arc that took longest. */
  HopReport slowest(String arc) {
    return taking(arc).stream()
        .max(Comparator.comparingLong(hop -> hop.endNanos() - hop.startNanos()))
        .orElseThrow();
  }

  /** Whether a hop of the device ended so. */
  boolean ended(String device, Outcome outcome) {
    return hops.stream()
        .anyMatch(hop -> hop.device().value().equals(device) && hop.outcome() == outcome);
  }

  /** Whether the device was ever asked to go there. */
  boolean asked(String device, DeviceState to) {
    return hops.stream()
        .anyMatch(h -> h.device().value().equals(device) && h.requested().to() == to);
  }

  /** Times of each arc that was taken. */
  static String table(Collection<HopReport> hops) {
    SortedMap<String, List<Long>> times = new TreeMap<>();
    for (HopReport hop : hops) {
      if (hop.outcome() == Outcome.DONE) {
        long nanos = hop.endNanos() - hop.startNanos();
        times.merge(hop.requested().toString(), List.of(nanos), HopLog::both);
      }
    }
    StringBuilder text = new StringBuilder();
    text.append("%-26s %5s %9s %9s %9s %9s%n".formatted("arc", "hops", "min ms", "p50", "p99", "max"));
    times.forEach((arc, all) -> text.append(row(arc, all.stream().sorted().toList())));
    return text.toString();
  }

  private static List<Long> both(List<Long> some, List<Long> more) {
    return Stream.concat(some.stream(), more.stream()).toList();
  }

  private static String row(String arc, List<Long> sorted) {
    return "%-26s %5d %9.3f %9.3f %9.3f %9.3f%n"
        .formatted(
            arc,
            sorted.size(),
            sorted.getFirst() / NANOS_PER_MILLI,
            sorted.get(sorted.size() / 2) / NANOS_PER_MILLI,
            sorted.get((sorted.size() * 99 + 99) / 100 - 1) / NANOS_PER_MILLI,
            sorted.getLast() / NANOS_PER_MILLI);
  }
}

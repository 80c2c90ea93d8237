package io.fermata.migration;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.message.HopReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A place in one side's hop reports where a device may have issued DMA while another may have been
 * frozen: what the barrier is there to prevent. Read from what the agent reported, on its one
 * clock, and not from what anybody intended.
 *
 * <p>While a call is under way a device counts as being where it was and where it goes. A state
 * that could not be read proves nothing and is left out.
 *
 * @param moved the device whose hop began it
 * @param other one device that was not where it had to be
 * @param nanos when, agent's clock
 */
public record BarrierBreach(Rule rule, DeviceName moved, DeviceName other, long nanos) {
  /** What the barrier promises. */
  public enum Rule {
    /** Nobody freezes while another device may issue DMA. */
    FROZE_BEFORE_QUIET,
    /** Nobody issues DMA while another device may be frozen. */
    RAN_BEFORE_THAWED
  }

  private enum Danger {
    FROZEN,
    ISSUES
  }

  /** A device begins or ends to be in danger's way; at one moment ends come first. */
  private record Mark(long nanos, boolean ends, Danger danger, DeviceName device) {}

  private static final Comparator<Mark> ORDER =
      Comparator.comparingLong(Mark::nanos).thenComparing(mark -> !mark.ends());

  /** Every breach on the source, where all hops count. */
  public static List<BarrierBreach> atSource(List<HopReport> hops) {
    return of(hops);
  }

  /**
   * Every breach at the destination, from the moment that its images were loaded. Before that its
   * devices are nobody's, and may be reset one by one.
   */
  public static List<BarrierBreach> atDestination(List<HopReport> hops) {
    long loaded =
        hops.stream()
            .filter(hop -> hop.requested().from() == DeviceState.RESUMING)
            .mapToLong(HopReport::endNanos)
            .max()
            .orElse(Long.MAX_VALUE);
    return of(hops.stream().filter(hop -> hop.startNanos() >= loaded).toList());
  }

  private static List<BarrierBreach> of(List<HopReport> hops) {
    Map<DeviceName, List<HopReport>> byDevice =
        hops.stream()
            .sorted(Comparator.comparingLong(HopReport::startNanos))
            .collect(Collectors.groupingBy(HopReport::device, TreeMap::new, Collectors.toList()));
    List<Mark> marks = new ArrayList<>();
    byDevice.forEach((device, walk) -> mark(device, walk, marks));
    marks.sort(ORDER);
    return sweep(marks);
  }

  private static void mark(DeviceName device, List<HopReport> walk, List<Mark> marks) {
    List<Span> spans = new ArrayList<>();
    DeviceState at = walk.getFirst().requested().from();
    long since = Long.MIN_VALUE;
    for (HopReport hop : walk) {
      spans.add(new Span(at, at, since, hop.startNanos()));
      DeviceState from = hop.requested().from();
      spans.add(new Span(from, hop.requested().to(), hop.startNanos(), hop.endNanos()));
      at = hop.observed();
      since = hop.endNanos();
    }
    spans.add(new Span(at, at, since, Long.MAX_VALUE));
    for (Danger danger : Danger.values()) {
      mark(device, danger, spans, marks);
    }
  }

  /** Spans that follow on each other without a gap are one. */
  private static void mark(DeviceName device, Danger danger, List<Span> spans, List<Mark> marks) {
    boolean open = false;
    for (Span span : spans) {
      if (span.begin < span.end && open != span.may(danger)) {
        marks.add(new Mark(span.begin, open, danger, device));
        open = !open;
      }
    }
  }

  /** Where a device was, or between where and where. */
  private record Span(DeviceState from, DeviceState to, long begin, long end) {
    boolean may(Danger danger) {
      boolean known = from != DeviceState.UNKNOWN && to != DeviceState.UNKNOWN;
      return known
          && switch (danger) {
            case FROZEN -> from.mayBeFrozen() || to.mayBeFrozen();
            case ISSUES -> from.mayIssueDma() || to.mayIssueDma();
          };
    }
  }

  private static List<BarrierBreach> sweep(List<Mark> marks) {
    List<BarrierBreach> breaches = new ArrayList<>();
    SortedSet<DeviceName> frozen = new TreeSet<>();
    SortedSet<DeviceName> issuing = new TreeSet<>();
    for (Mark mark : marks) {
      boolean freezes = mark.danger() == Danger.FROZEN;
      SortedSet<DeviceName> own = freezes ? frozen : issuing;
      if (mark.ends()) {
        own.remove(mark.device());
        continue;
      }
      own.add(mark.device());
      Optional<DeviceName> other =
          (freezes ? issuing : frozen)
              .stream().filter(device -> !device.equals(mark.device())).findFirst();
      if (other.isPresent()) {
        Rule rule = freezes ? Rule.FROZE_BEFORE_QUIET : Rule.RAN_BEFORE_THAWED;
        breaches.add(new BarrierBreach(rule, mark.device(), other.get(), mark.nanos()));
      }
    }
    return breaches;
  }
}

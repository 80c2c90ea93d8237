package io.fermata.api.view;

import io.fermata.api.view.TimelineView.GateMark;
import io.fermata.api.view.TimelineView.Kind;
import io.fermata.api.view.TimelineView.Span;
import io.fermata.migration.Gate;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * By how much a side's spans have to be moved so that nothing comes before its cause: a device that
 * a gate waited for was there before the gate opened, and a hop that a gate let begin began after
 * it. Agents' clocks are known to half a round trip only; without this a picture could show a gate
 * before what it waited for.
 */
final class Causality {
  /** Gates and the beginning are stamped in whole milliseconds. */
  private static final double STAMP_MS = 1;

  /** What opens the way for a span of that kind at its side, and what waits for its end. */
  private record Between(String side, Gate.@Nullable Name after, Gate.Name before) {}

  private static final Map<Kind, Between> ORDER = new EnumMap<>(Kind.class);

  static {
    ORDER.put(Kind.QUIESCE, new Between("source", null, Gate.Name.QUIESCED));
    ORDER.put(Kind.FREEZE, new Between("source", Gate.Name.QUIESCED, Gate.Name.FROZEN));
    ORDER.put(Kind.LOAD, new Between("destination", null, Gate.Name.LOADED));
    ORDER.put(Kind.THAW, new Between("destination", Gate.Name.LOADED, Gate.Name.RUNNING));
    ORDER.put(Kind.RUN, new Between("destination", Gate.Name.LOADED, Gate.Name.RUNNING));
  }

  private Causality() {}

  /**
   * Milliseconds to add to all spans of a side; never more than its clock may be off.
   *
   * @param spans of that side's devices; times are relative to the first quiesce
   */
  static double shift(List<Span> spans, List<GateMark> gates, @Nullable Double uncertaintyMs) {
    double least = Double.NEGATIVE_INFINITY;
    double most = Double.POSITIVE_INFINITY;
    for (Span span : spans) {
      Between between = ORDER.get(span.kind());
      if (between != null && between.side().equals(span.side())) {
        least = Math.max(least, opened(between.after(), gates) - span.startMs());
        most = Math.min(most, closed(between.before(), gates) - span.endMs());
      }
    }
    double bound = (uncertaintyMs == null ? 0 : uncertaintyMs) + STAMP_MS;
    if (least - most > STAMP_MS) {
      return 0; // no clock explains that: something did come before its cause, and is shown so
    }
    double wanted = least > most ? (least + most) / 2 : Math.clamp(0, least, most);
    return Math.clamp(wanted, -bound, bound);
  }

  /** A gate that is not known allows everything; the beginning is where times are counted from. */
  private static double opened(Gate.@Nullable Name name, List<GateMark> gates) {
    return name == null ? 0 : at(name, gates, Double.NEGATIVE_INFINITY);
  }

  private static double closed(Gate.Name name, List<GateMark> gates) {
    return at(name, gates, Double.POSITIVE_INFINITY);
  }

  private static double at(Gate.Name name, List<GateMark> gates, double unknown) {
    return gates.stream()
        .filter(gate -> gate.name() == name)
        .mapToDouble(GateMark::atMs)
        .findFirst()
        .orElse(unknown);
  }
}

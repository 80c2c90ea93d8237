package io.fermata.api.view;

import io.fermata.api.view.TimelineView.GateMark;
import io.fermata.api.view.TimelineView.Lane;
import io.fermata.api.view.TimelineView.Span;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A timeline in the format of Chrome's and Perfetto's trace viewers: a process for each side, a
 * thread for each device, an instant for each gate. Times are microseconds from the first span.
 */
public record TraceView(
    List<Map<String, Object>> traceEvents, String displayTimeUnit, Map<String, Object> otherData) {
  private static final int SOURCE = 1;
  private static final int DESTINATION = 2;
  private static final int BARRIER = 3;

  /** The trace of a timeline. */
  public static TraceView of(TimelineView view) {
    List<Map<String, Object>> events = new ArrayList<>();
    name(events, SOURCE, 0, "process_name", "source " + view.source());
    name(events, DESTINATION, 0, "process_name", "destination " + view.destination());
    name(events, BARRIER, 0, "process_name", "barrier");
    double first =
        view.lanes().stream()
            .flatMap(lane -> lane.spans().stream())
            .mapToDouble(Span::startMs)
            .min()
            .orElse(0);
    double begin = Math.min(0, first);
    for (int i = 0; i < view.lanes().size(); i++) {
      lane(events, view.lanes().get(i), i + 1, begin);
    }
    for (GateMark gate : view.gates()) {
      double opened = gate.atMs() - begin;
      Map<String, Object> event = event("gate " + gate.name(), "i", BARRIER, 1, opened);
      event.put("s", "g");
      event.put("args", Map.of("last", gate.last(), "skewMs", gate.skewMs()));
      events.add(event);
    }
    Map<String, Object> other = new LinkedHashMap<>();
    other.put("migration", view.id());
    other.put("zero", view.zero() == null ? null : view.zero().toString());
    other.put("zeroUs", micros(-begin));
    return new TraceView(List.copyOf(events), "ms", other);
  }

  private static void lane(List<Map<String, Object>> events, Lane lane, int thread, double begin) {
    name(events, SOURCE, thread, "thread_name", lane.source());
    name(events, DESTINATION, thread, "thread_name", lane.destination());
    for (Span span : lane.spans()) {
      int process = span.side().equals("source") ? SOURCE : DESTINATION;
      String what = span.kind().words();
      Map<String, Object> event = event(what, "X", process, thread, span.startMs() - begin);
      event.put("dur", micros(Math.max(0, span.endMs() - span.startMs())));
      event.put("args", arguments(span));
      events.add(event);
    }
  }

  private static Map<String, Object> arguments(Span span) {
    Map<String, Object> arguments = new LinkedHashMap<>();
    put(arguments, "hop", span.hop());
    put(arguments, "outcome", span.outcome() == null ? null : span.outcome().name());
    put(arguments, "error", span.error());
    return arguments;
  }

  private static void put(Map<String, Object> map, String key, @Nullable String value) {
    if (value != null) {
      map.put(key, value);
    }
  }

  private static Map<String, Object> event(
      String name, String phase, int process, int thread, double millis) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("name", name);
    event.put("cat", "fermata");
    event.put("ph", phase);
    event.put("pid", process);
    event.put("tid", thread);
    event.put("ts", micros(millis));
    return event;
  }

  private static void name(
      List<Map<String, Object>> events, int process, int thread, String kind, String name) {
    Map<String, Object> event = event(kind, "M", process, thread, 0);
    event.put("args", Map.of("name", name));
    events.add(event);
  }

  private static double micros(double millis) {
    return Math.round(millis * 1_000_000) / 1000.0;
  }
}

package io.fermata.migration.trace;

import io.fermata.handover.HostName;
import io.fermata.handover.Side;
import io.fermata.handover.message.HopReport;
import io.fermata.metrics.TraceId;
import io.fermata.migration.Failure;
import io.fermata.migration.Live;
import io.fermata.migration.Migration;
import io.fermata.migration.Note;
import io.fermata.migration.Phase;
import io.fermata.migration.Trigger;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The spans of one migration. Their ids are digests of what they are, so that a phase's span is the
 * one that requests to the agents name as their parent, and none has two.
 */
final class Attempt {
  private static final String ROOT = "migration";
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** The request with which a phase begins: its {@code traceparent} is the phase's span. */
  private static final Map<Phase, String> ASKED =
      new EnumMap<>(
          Map.of(
              Phase.PREPARING, "claim-source",
              Phase.PRECOPYING, "pre-copy",
              Phase.QUIESCING, "quiesce",
              Phase.FREEZING, "freeze",
              Phase.COPYING, "copy",
              Phase.SEALING, "seal",
              Phase.RESUMING, "start",
              Phase.CLEANING, "release",
              Phase.ROLLING_BACK, "return"));

  private Attempt() {}

  /** The span of the phase that was left between these two. */
  static Span phase(Migration before, Migration after, Note.Moved moved) {
    boolean givenUp =
        moved.to() == Phase.ROLLING_BACK
            || moved.to() == Phase.NEEDS_OPERATOR
            || moved.on() == Trigger.DROPPED;
    return new Span(
        new Span.Id(trace(after), phaseSpan(after, moved.from())),
        span(after, ROOT),
        word(moved.from()),
        before.phaseSince() * NANOS_PER_MILLI,
        Math.max(before.phaseSince(), after.phaseSince()) * NANOS_PER_MILLI,
        about(after),
        List.of(),
        givenUp ? why(after) : null);
  }

  /** The span of the whole, once it is over. */
  static Span whole(Migration m) {
    Map<String, Object> attributes = about(m);
    attributes.put("fermata.vm", m.order().vm());
    attributes.put("fermata.source", m.order().source().value());
    attributes.put("fermata.destination", m.order().destination().value());
    attributes.put("fermata.attempt", (long) m.attempt());
    attributes.put("fermata.trigger", m.trigger());
    attributes.put("fermata.outcome", m.outcome() == null ? "?" : word(m.outcome()));
    Migration.Blackout blackout = m.blackout();
    if (blackout != null) {
      attributes.put("fermata.blackout_ms", blackout.totalNanos() / NANOS_PER_MILLI);
    }
    String earlier = m.retryOf();
    List<Span.Id> links =
        earlier == null
            ? List.of()
            : List.of(new Span.Id(TraceId.of(earlier), TraceId.span(earlier, ROOT)));
    return new Span(
        new Span.Id(trace(m), span(m, ROOT)),
        null,
        ROOT,
        m.created() * NANOS_PER_MILLI,
        m.phaseSince() * NANOS_PER_MILLI,
        attributes,
        links,
        why(m));
  }

  /** A span for each hop that one side reported; times are mapped to the orchestrator's clock. */
  static List<Span> hops(Migration m, Side side, Live.SideView view) {
    boolean forward = m.evidence().started() != null;
    HostName host = side == Side.SOURCE ? m.order().source() : m.order().destination();
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < view.hops().size(); i++) {
      HopReport hop = view.hops().get(i);
      Step step = Step.of(hop.requested(), side, forward);
      Map<String, Object> attributes = about(m);
      attributes.put("fermata.host", host.value());
      attributes.put("fermata.bdf", hop.device().value());
      attributes.put("fermata.vfio.from", word(hop.requested().from()));
      attributes.put("fermata.vfio.to", word(hop.requested().to()));
      attributes.put("fermata.vfio.observed", word(hop.observed()));
      put(attributes, "fermata.gate", step.gate());
      put(attributes, "fermata.errno", hop.error());
      boolean done = hop.outcome() == HopReport.Outcome.DONE;
      spans.add(
          new Span(
              new Span.Id(trace(m), span(m, word(side) + " hop " + i)),
              phaseSpan(m, step.phase()),
              hop.device() + " " + hop.requested(),
              hop.startNanos() + view.clock().offsetNanos(),
              hop.endNanos() + view.clock().offsetNanos(),
              attributes,
              List.of(),
              done ? null : word(hop.outcome())));
    }
    return spans;
  }

  private static Map<String, Object> about(Migration m) {
    Map<String, Object> attributes = new TreeMap<>();
    attributes.put("fermata.migration", m.id().value());
    attributes.put("fermata.epoch", m.epoch().number());
    return attributes;
  }

  private static void put(Map<String, Object> attributes, String key, @Nullable String value) {
    if (value != null) {
      attributes.put(key, value);
    }
  }

  private static @Nullable String why(Migration m) {
    Failure failure = m.failure();
    return failure == null ? null : failure.code() + ": " + failure.detail();
  }

  private static String phaseSpan(Migration m, Phase phase) {
    return span(m, ASKED.getOrDefault(phase, word(phase)));
  }

  private static String trace(Migration m) {
    return TraceId.of(m.id().value());
  }

  private static String span(Migration m, String what) {
    return TraceId.span(m.id().value(), what);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}

package io.fermata.api.view;

import io.fermata.api.view.MigrationView.BlackoutParts;
import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import io.fermata.handover.message.HopReport;
import io.fermata.migration.BarrierBreach;
import io.fermata.migration.Gate;
import io.fermata.migration.Live.SideView;
import io.fermata.migration.Migration;
import io.fermata.migration.Order;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What happened when, device by device. Times are milliseconds since {@code zero}, on the
 * orchestrator's clock; a span of an agent is off by at most its side's uncertainty.
 *
 * @param zero when the first quiesce was asked, or null before that
 * @param breaches where the hops went against the barrier; there never is one
 * @param nowMs the moment of this view, or of the end of the blackout
 */
public record TimelineView(
    String id,
    String source,
    String destination,
    @Nullable Instant zero,
    @Nullable Double preCopyMs,
    List<GateMark> gates,
    List<Lane> lanes,
    @Nullable Long budgetMs,
    @Nullable Double blackoutMs,
    @Nullable BlackoutParts parts,
    double nowMs,
    Uncertainty uncertainty,
    List<Breach> breaches) {

  /** What a device does in a span. */
  public enum Kind {
    PRECOPY('p', "pre-copy"),
    QUIESCE('q', "quiescing"),
    FREEZE('s', "freezing"),
    COPY('#', "copying"),
    LOAD('L', "loading"),
    THAW('t', "thawing"),
    RUN('r', "running again"),
    BACK('b', "walking back"),
    CLEAN('c', "cleaning up"),
    OTHER('o', "other hop"),
    FAILED('!', "failed");

    private final char letter;
    private final String words;

    Kind(char letter, String words) {
      this.letter = letter;
      this.words = words;
    }

    /** How a timeline draws it. */
    public char letter() {
      return letter;
    }

    /** What it means. */
    public String words() {
      return words;
    }
  }

  /**
   * One thing that a device did.
   *
   * @param side {@code source} or {@code destination}
   * @param hop the arc, or null for a span between hops
   */
  public record Span(
      Kind kind,
      String side,
      @Nullable String hop,
      HopReport.@Nullable Outcome outcome,
      @Nullable String error,
      double startMs,
      double endMs) {
    private Span as(Kind other) {
      return new Span(other, side, hop, outcome, error, startMs, endMs);
    }
  }

  /** One pair of devices; {@code last} names the gates that waited for it. */
  public record Lane(String source, String destination, List<Span> spans, List<String> last) {}

  /** One gate. */
  public record GateMark(
      Gate.Name name,
      double atMs,
      double elapsedMs,
      double slowestDeviceMs,
      double skewMs,
      String last) {}

  /** By how much the agents' times may be off, in milliseconds; null where nothing is known. */
  public record Uncertainty(@Nullable Double sourceMs, @Nullable Double destinationMs) {}

  /**
   * Two devices of which one was frozen while the other may have issued DMA.
   *
   * @param moved the one whose hop began it
   * @param other the one that was not where it had to be
   */
  public record Breach(
      BarrierBreach.Rule rule, String side, String moved, String other, double atMs) {}

  /** The timeline of a migration. */
  public static TimelineView of(Scene seen) {
    Migration migration = seen.migration();
    long dark = migration.darkSince();
    double zero = dark == 0 ? firstHop(seen) : beginning(migration);
    List<GateMark> gates =
        migration.gates().stream().map(gate -> mark(gate, migration, zero)).toList();
    Scene scene = settled(seen, gates, zero);
    Migration.Blackout blackout = migration.blackout();
    long budget = migration.order().blackoutBudgetMillis();
    Double darkMs = scene.darkMillis();
    double now = darkMs == null ? scene.now().toEpochMilli() - zero : darkMs;
    return new TimelineView(
        migration.id().value(),
        migration.order().source().value(),
        migration.order().destination().value(),
        dark == 0 ? null : Instant.ofEpochMilli(Math.round(zero)),
        preCopy(scene, zero),
        gates,
        migration.order().devices().stream().map(pair -> lane(scene, pair, zero, now)).toList(),
        budget == 0 ? null : (Long) budget,
        darkMs,
        blackout == null ? null : BlackoutParts.of(blackout),
        now,
        new Uncertainty(
            uncertainty(scene.live().source()), uncertainty(scene.live().destination())),
        breaches(scene, zero));
  }

  /**
   * The first quiesce is sent once the journal knows of it. Until the parts are known it is told by
   * the moment at which it was decided on.
   */
  private static double beginning(Migration migration) {
    Migration.Blackout blackout = migration.blackout();
    if (blackout == null) {
      return migration.darkSince();
    }
    double quiesce = Scene.millis(blackout.quiesceNanos());
    return migration.gates().stream()
        .filter(gate -> gate.name() == Gate.Name.QUIESCED)
        .mapToDouble(gate -> gate.openedMillis() - quiesce)
        .findFirst()
        .orElse((double) migration.darkSince());
  }

  /** The sides with their clocks moved so that nothing comes before its cause. */
  private static Scene settled(Scene scene, List<GateMark> gates, double zero) {
    SideView source = settled(scene.live().source(), "source", gates, zero);
    SideView destination = settled(scene.live().destination(), "destination", gates, zero);
    return scene.with(scene.live().with(source, destination));
  }

  private static @Nullable SideView settled(
      @Nullable SideView side, String name, List<GateMark> gates, double zero) {
    if (side == null) {
      return null;
    }
    List<Span> spans = side.hops().stream().map(hop -> span(hop, side, name, zero)).toList();
    double shift = Causality.shift(spans, gates, uncertainty(side));
    return side.with(side.clock().later(Math.round(shift * 1e6)));
  }

  private static List<Breach> breaches(Scene scene, double zero) {
    SideView source = scene.live().source();
    SideView destination = scene.live().destination();
    List<Breach> all = new ArrayList<>();
    if (source != null) {
      BarrierBreach.atSource(source.hops())
          .forEach(breach -> all.add(breach(breach, "source", source, zero)));
    }
    if (destination != null) {
      BarrierBreach.atDestination(destination.hops())
          .forEach(breach -> all.add(breach(breach, "destination", destination, zero)));
    }
    return List.copyOf(all);
  }

  private static Breach breach(BarrierBreach found, String name, SideView side, double zero) {
    return new Breach(
        found.rule(),
        name,
        found.moved().value(),
        found.other().value(),
        side.clock().epochMillis(found.nanos()) - zero);
  }

  private static Lane lane(Scene scene, Order.Pair pair, double zero, double now) {
    String source = pair.source().value();
    String destination = pair.destination().value();
    boolean gone = scene.migration().evidence().started() != null;
    List<Span> here =
        hops(scene.live().source(), "source", source, zero).stream()
            .map(span -> gone && span.kind() == Kind.BACK ? span.as(Kind.CLEAN) : span)
            .toList();
    List<Span> there = hops(scene.live().destination(), "destination", destination, zero);
    List<Span> spans = new ArrayList<>();
    spans.addAll(here);
    copy(scene, here, there, now).ifPresent(spans::add);
    spans.addAll(there);
    spans.sort(Comparator.comparingDouble(Span::startMs));
    List<String> last =
        scene.migration().gates().stream()
            .filter(gate -> gate.last().equals(source) || gate.last().equals(destination))
            .map(gate -> gate.name().name())
            .toList();
    return new Lane(source, destination, List.copyOf(spans), last);
  }

  private static List<Span> hops(@Nullable SideView side, String name, String device, double zero) {
    if (side == null) {
      return List.of();
    }
    return side.hops().stream()
        .filter(hop -> hop.device().value().equals(device))
        .map(hop -> span(hop, side, name, zero))
        .toList();
  }

  private static Span span(HopReport hop, SideView side, String name, double zero) {
    boolean done = hop.outcome() == HopReport.Outcome.DONE;
    return new Span(
        done ? kind(hop.requested(), name.equals("source")) : Kind.FAILED,
        name,
        hop.requested().toString(),
        hop.outcome(),
        hop.error(),
        side.clock().epochMillis(hop.startNanos()) - zero,
        side.clock().epochMillis(hop.endNanos()) - zero);
  }

  private static Kind kind(Hop hop, boolean source) {
    return switch (hop.to()) {
      case PRE_COPY -> Kind.PRECOPY;
      case PRE_COPY_P2P -> Kind.QUIESCE;
      case RUNNING_P2P -> towardsQuiet(hop.from());
      case STOP -> stopping(hop.from(), source);
      case STOP_COPY -> hop.from() == DeviceState.PRE_COPY_P2P ? Kind.FREEZE : Kind.OTHER;
      case RUNNING -> hop.from() == DeviceState.RUNNING_P2P ? Kind.RUN : Kind.BACK;
      case RESUMING, ERROR, UNKNOWN -> Kind.OTHER;
    };
  }

  private static Kind towardsQuiet(DeviceState from) {
    if (from == DeviceState.STOP) {
      return Kind.THAW;
    }
    return from == DeviceState.RUNNING ? Kind.QUIESCE : Kind.BACK;
  }

  private static Kind stopping(DeviceState from, boolean source) {
    if (from == DeviceState.RESUMING && !source) {
      return Kind.LOAD;
    }
    return from == DeviceState.RUNNING_P2P ? Kind.FREEZE : Kind.BACK;
  }

  /** From the source's arrival in STOP_COPY until the destination begins to load. */
  private static Optional<Span> copy(Scene scene, List<Span> here, List<Span> there, double now) {
    String arrow = "→" + DeviceState.STOP_COPY;
    Optional<Span> begun =
        here.stream()
            .filter(span -> span.hop() != null && span.hop().endsWith(arrow))
            .filter(span -> span.outcome() == HopReport.Outcome.DONE)
            .reduce((first, second) -> second);
    if (begun.isEmpty()) {
      return Optional.empty();
    }
    double start = begun.get().endMs();
    double end =
        Stream.concat(there.stream(), here.stream())
            .filter(span -> span.startMs() >= start && ends(span) && !span.equals(begun.get()))
            .mapToDouble(Span::startMs)
            .min()
            .orElse(scene.migration().ended() ? start : Math.max(start, now));
    return Optional.of(new Span(Kind.COPY, "source", null, null, null, start, end));
  }

  private static boolean ends(Span span) {
    return span.side().equals("source") || "RESUMING→STOP".equals(span.hop());
  }

  private static GateMark mark(Gate gate, Migration migration, double zero) {
    return new GateMark(
        gate.name(),
        at(gate, migration, zero),
        Scene.millis(gate.elapsedNanos()),
        Scene.millis(gate.slowestNanos()),
        Scene.millis(gate.skewNanos()),
        gate.last());
  }

  /** Gates are stamped in whole milliseconds; where the parts are known they are finer. */
  private static double at(Gate gate, Migration migration, double zero) {
    Migration.Blackout blackout = migration.blackout();
    double stamped = Math.max(0, gate.openedMillis() - zero);
    if (blackout == null) {
      return stamped;
    }
    return switch (gate.name()) {
      case QUIESCED -> Scene.millis(blackout.quiesceNanos());
      case FROZEN -> Scene.millis(blackout.quiesceNanos() + blackout.stopNanos());
      case LOADED ->
          Scene.millis(blackout.quiesceNanos() + blackout.stopNanos() + blackout.copyNanos());
      case RUNNING -> Scene.millis(blackout.totalNanos());
      case THAWED -> Scene.millis(blackout.totalNanos() - lastStep(migration));
    };
  }

  /** From gate 4 to gate 5: both are told in one answer. */
  private static long lastStep(Migration migration) {
    return migration.gates().stream()
        .filter(gate -> gate.name() == Gate.Name.RUNNING)
        .mapToLong(Gate::elapsedNanos)
        .findFirst()
        .orElse(0);
  }

  private static @Nullable Double preCopy(Scene scene, double zero) {
    SideView side = scene.live().source();
    if (side == null || scene.migration().darkSince() == 0) {
      return null;
    }
    return side.hops().stream()
        .filter(hop -> hop.requested().to() == DeviceState.PRE_COPY)
        .map(hop -> zero - side.clock().epochMillis(hop.endNanos()))
        .max(Double::compare)
        .orElse(null);
  }

  private static double firstHop(Scene scene) {
    SideView side = scene.live().source();
    if (side == null || side.hops().isEmpty()) {
      return scene.migration().created();
    }
    return side.hops().stream()
        .mapToDouble(hop -> side.clock().epochMillis(hop.startNanos()))
        .min()
        .orElse((double) scene.migration().created());
  }

  private static @Nullable Double uncertainty(@Nullable SideView side) {
    return side == null ? null : (Double) Scene.millis(side.clock().uncertaintyNanos());
  }
}

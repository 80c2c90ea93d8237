package io.fermata.api.view;

import io.fermata.migration.Estimate;
import io.fermata.migration.Failure;
import io.fermata.migration.Gate;
import io.fermata.migration.Migration;
import io.fermata.migration.Order;
import io.fermata.migration.Outcome;
import io.fermata.migration.Phase;
import io.fermata.migration.Resolution;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A migration as the API shows it.
 *
 * @param version changes whenever the journal takes something about it
 * @param deadline when the phase is given up by itself, or null
 * @param waitingFor what is being waited for, empty when nothing is
 */
public record MigrationView(
    String id,
    String vm,
    String source,
    String destination,
    List<PairView> devices,
    PreCopyView preCopy,
    String onBudgetExceeded,
    @Nullable String reason,
    String priority,
    Phase phase,
    @Nullable Outcome outcome,
    @Nullable Failure error,
    ProgressView progress,
    List<GateView> gates,
    BlackoutView blackout,
    List<Condition> conditions,
    EpochView epoch,
    String trigger,
    String actor,
    int attempt,
    @Nullable String retryOf,
    long version,
    @Nullable WishView abort,
    @Nullable ResolutionView resolution,
    boolean switchoverAsked,
    @Nullable Integer queuePosition,
    List<String> waitingFor,
    Instant created,
    Instant phaseSince,
    @Nullable Instant deadline) {

  /** One device and what it becomes. */
  public record PairView(String source, String destination) {
    /** The names of a pair. */
    public static PairView of(Order.Pair pair) {
      return new PairView(pair.source().value(), pair.destination().value());
    }
  }

  /** How pre-copy goes. */
  public record PreCopyView(boolean enabled, int maxSeconds, long switchoverBelowBytes) {
    static PreCopyView of(Order.PreCopyTerms terms) {
      return new PreCopyView(terms.enabled(), terms.maxSeconds(), terms.switchoverBelowBytes());
    }
  }

  /** Whose term it is. */
  public record EpochView(long number, String owner) {}

  /** Who wanted it to end. */
  public record WishView(String actor, String reason, Instant at) {}

  /** What an operator decided, and on what he rests it. */
  public record ResolutionView(
      String keep, String actor, String evidence, String reason, Instant at) {
    /** The view of a decision, or null where there is none. */
    public static @Nullable ResolutionView of(@Nullable Resolution resolution) {
      return resolution == null
          ? null
          : new ResolutionView(
              resolution.keep().name().toLowerCase(Locale.ROOT),
              resolution.word().actor(),
              resolution.word().evidence(),
              resolution.word().reason(),
              Instant.ofEpochMilli(resolution.word().givenMillis()));
    }
  }

  /** One gate; what {@link Gate} says, in milliseconds. */
  public record GateView(
      Gate.Name name,
      Instant opened,
      double elapsedMs,
      double slowestDeviceMs,
      double skewMs,
      String last) {
    static GateView of(Gate gate) {
      return new GateView(
          gate.name(),
          Instant.ofEpochMilli(gate.openedMillis()),
          Scene.millis(gate.elapsedNanos()),
          Scene.millis(gate.slowestNanos()),
          Scene.millis(gate.skewNanos()),
          gate.last());
    }
  }

  /**
   * How long the guest is dark.
   *
   * @param estimateMs what it is likely to be; null when unknown or over
   * @param budgetMs what is allowed, or null for no budget
   * @param actualMs what it was; null before its end
   * @param soFarMs what it is up to now; null before its begin
   */
  public record BlackoutView(
      @Nullable Long estimateMs,
      @Nullable Long budgetMs,
      @Nullable Double actualMs,
      @Nullable Double soFarMs,
      @Nullable BlackoutParts parts) {
    static BlackoutView of(Scene scene) {
      Migration.Blackout blackout = scene.migration().blackout();
      long budget = scene.migration().order().blackoutBudgetMillis();
      return new BlackoutView(
          scene.estimateMillis(),
          budget == 0 ? null : (Long) budget,
          blackout == null ? null : (Double) Scene.millis(blackout.totalNanos()),
          scene.darkMillis(),
          blackout == null ? null : BlackoutParts.of(blackout));
    }
  }

  /** The parts of a blackout; they add up. */
  public record BlackoutParts(
      double quiesceMs, double stopMs, double copyMs, double commitMs, double resumeMs) {
    static BlackoutParts of(Migration.Blackout blackout) {
      return new BlackoutParts(
          Scene.millis(blackout.quiesceNanos()),
          Scene.millis(blackout.stopNanos()),
          Scene.millis(blackout.copyNanos()),
          Scene.millis(blackout.commitNanos()),
          Scene.millis(blackout.resumeNanos()));
    }
  }

  /** An estimate as plans show it. */
  public record EstimateView(
      @Nullable Long estimateMs, @Nullable Long budgetMs, EstimateParts parts, String basis) {
    /** The estimate beside the budget of the order. */
    public static EstimateView of(Estimate estimate, Order order) {
      long budget = order.blackoutBudgetMillis();
      return new EstimateView(
          estimate.totalMillis(),
          budget == 0 ? null : (Long) budget,
          new EstimateParts(
              estimate.copyMillis(),
              estimate.fixedMillis(),
              estimate.bytes(),
              estimate.bytesPerSecond()),
          estimate.basis());
    }
  }

  /** What an estimate is made of. */
  public record EstimateParts(
      @Nullable Long copyMs, long fixedMs, @Nullable Long bytes, long bytesPerSecond) {}

  /** The view of a migration. */
  public static MigrationView of(Scene scene) {
    Migration migration = scene.migration();
    Order order = migration.order();
    Migration.Wish abort = migration.abort();
    Long deadline = scene.live().deadlineMillis();
    return new MigrationView(
        migration.id().value(),
        order.vm(),
        order.source().value(),
        order.destination().value(),
        order.devices().stream().map(PairView::of).toList(),
        PreCopyView.of(order.preCopy()),
        order.onBudgetExceeded().name().toLowerCase(Locale.ROOT),
        order.reason(),
        order.priority(),
        migration.phase(),
        migration.outcome(),
        migration.failure(),
        ProgressView.of(scene),
        migration.gates().stream().map(GateView::of).toList(),
        BlackoutView.of(scene),
        Condition.of(scene),
        new EpochView(migration.epoch().number(), migration.epoch().owner()),
        migration.trigger(),
        migration.actor(),
        migration.attempt(),
        migration.retryOf(),
        migration.version(),
        abort == null
            ? null
            : new WishView(abort.actor(), abort.reason(), Instant.ofEpochMilli(abort.at())),
        ResolutionView.of(migration.resolution()),
        migration.switchover(),
        scene.live().queuePosition(),
        scene.live().waiting(),
        Instant.ofEpochMilli(migration.created()),
        Instant.ofEpochMilli(migration.phaseSince()),
        deadline == null ? null : Instant.ofEpochMilli(deadline));
  }

  /** What an outcome means, in a sentence. */
  public static String meaning(Outcome outcome) {
    return switch (outcome) {
      case SUCCEEDED -> "it runs on the destination";
      case ROLLED_BACK -> "it was in the barrier and runs on the source again";
      case CANCELLED -> "ended before the barrier because somebody asked for it";
      case FAILED -> "ended before the barrier; the source never stopped";
      case RESOLVED -> "an operator decided";
    };
  }
}

package io.fermata.api.view;

import io.fermata.api.view.MigrationView.PairView;
import io.fermata.drain.Blocker;
import io.fermata.drain.Drain;
import io.fermata.drain.DrainTerms;
import io.fermata.drain.Forecast;
import io.fermata.drain.Move;
import io.fermata.drain.PowerOff;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A drain as programs see it.
 *
 * @param id null in a preview
 * @param remainingMs how long it is likely to take still, or null while nobody knows
 * @param vms how many machines are in each state
 * @param safeToPowerOff true only on proof; null where nobody was asked
 */
public record DrainView(
    @Nullable String id,
    String host,
    Drain.Phase phase,
    String actor,
    @Nullable String reason,
    Instant created,
    Instant phaseSince,
    long version,
    int percent,
    @Nullable Long remainingMs,
    TermsJson terms,
    Map<String, Integer> vms,
    List<MoveJson> moves,
    List<BlockerJson> blockers,
    @Nullable CancelJson cancel,
    @Nullable Boolean safeToPowerOff,
    @Nullable PowerOffJson powerOff) {

  /** On what terms. */
  public record TermsJson(
      List<String> destinations,
      List<String> exclude,
      int concurrency,
      String priority,
      long blackoutBudgetMs,
      String onBudgetExceeded) {
    static TermsJson of(DrainTerms terms) {
      return new TermsJson(
          terms.destinations().stream().map(host -> host.value()).toList(),
          terms.exclude(),
          terms.concurrency(),
          terms.priority().word(),
          terms.blackoutBudgetMillis(),
          terms.onBudgetExceeded().name().toLowerCase(Locale.ROOT));
    }
  }

  /** One machine; destination and devices are those of its present, last or planned migration. */
  public record MoveJson(
      String vm,
      Move.State state,
      Instant since,
      int attempt,
      int failures,
      @Nullable String destination,
      List<PairView> devices,
      @Nullable String migration) {
    static MoveJson of(Move move) {
      return new MoveJson(
          move.vm(),
          move.state(),
          Instant.ofEpochMilli(move.since()),
          move.attempt(),
          move.failures(),
          move.destination() == null ? null : move.destination().value(),
          move.pairs().stream().map(PairView::of).toList(),
          move.migration() == null ? null : move.migration().value());
    }
  }

  /** What stands in the way. */
  public record BlockerJson(
      Blocker.Code code,
      @Nullable String vm,
      @Nullable String device,
      String detail,
      String next,
      Instant since) {
    static BlockerJson of(Blocker blocker) {
      return new BlockerJson(
          blocker.code(),
          blocker.vm(),
          blocker.device(),
          blocker.detail(),
          blocker.next(),
          Instant.ofEpochMilli(blocker.since()));
    }
  }

  /** Who called it off. */
  public record CancelJson(String actor, @Nullable String reason, boolean children) {}

  /**
   * What speaks against switching the host off.
   *
   * @param asked when its agent was asked
   * @param incarnation names the slate that the agent answered by
   * @param version of what operators say of the host
   */
  public record PowerOffJson(
      boolean safe,
      List<BlockerJson> reasons,
      Instant asked,
      @Nullable String incarnation,
      long version) {
    /** The view of a judgement. */
    public static PowerOffJson of(PowerOff judged) {
      return new PowerOffJson(
          judged.safe(),
          judged.reasons().stream().map(BlockerJson::of).toList(),
          Instant.ofEpochMilli(judged.askedMillis()),
          judged.incarnation(),
          judged.cordonVersion());
    }
  }

  /** The view of a drain that is recorded. */
  public static DrainView of(Drain drain, @Nullable PowerOff judged, Instant now) {
    return of(drain, drain.id().value(), judged, now);
  }

  /** The view of one that is not. */
  public static DrainView preview(Drain drain, Instant now) {
    return of(drain, null, null, now);
  }

  private static DrainView of(
      Drain drain, @Nullable String id, @Nullable PowerOff judged, Instant now) {
    Map<String, Integer> counts = new TreeMap<>();
    for (Move.State state : Move.State.values()) {
      counts.put(state.name().toLowerCase(Locale.ROOT), drain.count(state));
    }
    Drain.Cancel cancel = drain.cancel();
    return new DrainView(
        id,
        drain.host().value(),
        drain.phase(),
        drain.actor(),
        drain.reason(),
        Instant.ofEpochMilli(drain.created()),
        Instant.ofEpochMilli(drain.phaseSince()),
        drain.version(),
        drain.percent(),
        Forecast.remainingMillis(drain, now.toEpochMilli()),
        TermsJson.of(drain.terms()),
        counts,
        drain.moves().values().stream().map(MoveJson::of).toList(),
        drain.phase().ended()
            ? List.of()
            : drain.everyBlocker().stream().map(BlockerJson::of).toList(),
        cancel == null ? null : new CancelJson(cancel.actor(), cancel.reason(), cancel.children()),
        judged == null ? null : (Boolean) judged.safe(),
        judged == null ? null : PowerOffJson.of(judged));
  }
}

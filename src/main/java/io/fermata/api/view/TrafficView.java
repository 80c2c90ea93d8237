package io.fermata.api.view;

import io.fermata.handover.MigrationId;
import io.fermata.migration.Intake;
import io.fermata.migration.Limits;
import io.fermata.migration.Limits.Scope;
import io.fermata.migration.Traffic;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Limits, queue and admission as the API shows them. */
public final class TrafficView {
  private TrafficView() {}

  /**
   * The limits and what counts against them.
   *
   * @param version to be named by whoever changes them; 0 while they are what the configuration
   *     says
   * @param inUse by the name of the limit; of those per host, by host or by {@code from→to}
   */
  public record LimitsJson(
      int cluster,
      int perSource,
      int perDestination,
      int perPair,
      int blackouts,
      int queued,
      long version,
      InUse inUse) {
    /** The limits of a moment. */
    public static LimitsJson of(Traffic.View view) {
      Limits limits = view.limits().value();
      return new LimitsJson(
          limits.cluster(),
          limits.perSource(),
          limits.perDestination(),
          limits.perPair(),
          limits.blackouts(),
          limits.queued(),
          view.limits().version(),
          InUse.of(view));
    }
  }

  /** What counts against the limits now. */
  public record InUse(
      int cluster,
      Map<String, Integer> perSource,
      Map<String, Integer> perDestination,
      Map<String, Integer> perPair,
      int blackouts,
      int queued) {
    static InUse of(Traffic.View view) {
      Map<Scope, Map<String, Integer>> uses =
          view.uses().stream().collect(Collectors.toMap(Traffic.Use::scope, Traffic.Use::inUse));
      return new InUse(
          view.inUse(Scope.CLUSTER),
          uses.getOrDefault(Scope.SOURCE, Map.of()),
          uses.getOrDefault(Scope.DESTINATION, Map.of()),
          uses.getOrDefault(Scope.PAIR, Map.of()),
          view.inUse(Scope.BLACKOUT),
          view.inUse(Scope.QUEUE));
    }
  }

  /** The queue: who waits for a start, who waits to go dark. */
  public record QueueJson(
      AdmissionJson admission, List<WaitingJson> starting, List<WaitingJson> darkening) {
    /** The queue of a moment; holders' ids are cut as short as may be. */
    public static QueueJson of(Traffic.View view, Function<MigrationId, String> ids) {
      return new QueueJson(
          AdmissionJson.of(view),
          view.starting().stream().map(w -> WaitingJson.of(w, ids)).toList(),
          view.darkening().stream().map(w -> WaitingJson.of(w, ids)).toList());
    }
  }

  /**
   * One that waits.
   *
   * @param limit the limit in the way: cluster, source, destination, pair, blackout; null where
   *     admission is paused
   */
  public record WaitingJson(
      int position,
      String id,
      String vm,
      String source,
      String destination,
      String priority,
      String actor,
      Instant since,
      @Nullable String limit,
      @Nullable String where,
      int max,
      int inUse,
      List<String> holders,
      String why) {
    static WaitingJson of(Traffic.Waiting w, Function<MigrationId, String> ids) {
      var m = w.migration();
      Scope scope = w.scope();
      return new WaitingJson(
          w.position(),
          m.id().value(),
          m.order().vm(),
          m.order().source().value(),
          m.order().destination().value(),
          m.order().priority(),
          m.actor(),
          Instant.ofEpochMilli(m.phaseSince()),
          scope == null ? null : scope.word(),
          w.where(),
          w.limit(),
          w.inUse(),
          w.holders().stream().map(ids).toList(),
          w.why());
    }
  }

  /**
   * Whether migrations may start.
   *
   * @param state {@code open} or {@code paused}
   * @param expires when a pause ends by itself, or null
   * @param version 0 while nobody ever changed it
   */
  public record AdmissionJson(
      String state,
      @Nullable String reason,
      @Nullable String actor,
      @Nullable Instant since,
      @Nullable Instant expires,
      int waiting,
      long version) {
    /** The admission of a moment; a pause that has expired is shown as open. */
    public static AdmissionJson of(Traffic.View view) {
      Intake intake = view.intake().value();
      Long expires = view.paused() ? intake.expiresMillis() : null;
      return new AdmissionJson(
          view.paused() ? "paused" : "open",
          intake.reason(),
          intake.actor(),
          intake.sinceMillis() == 0 ? null : Instant.ofEpochMilli(intake.sinceMillis()),
          expires == null ? null : Instant.ofEpochMilli(expires),
          view.starting().size(),
          view.intake().version());
    }
  }
}

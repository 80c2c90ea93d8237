package io.fermata.api.view;

import io.fermata.device.Hop;
import io.fermata.fleet.HostView;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.migration.Failure;
import io.fermata.migration.Latencies;
import io.fermata.migration.Live.SideView;
import io.fermata.migration.Migration;
import io.fermata.migration.Outcome;
import io.fermata.migration.Phase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a migration stands and why: who is waited for, until when, what happens next by itself, and
 * what a person may do.
 *
 * @param automatic what happens without anybody doing anything
 * @param stuck what keeps it where it is, one by one
 * @param allowed which commands have a meaning now
 */
public record ExplainView(
    String id,
    Phase phase,
    @Nullable Outcome outcome,
    Instant since,
    long sinceMs,
    @Nullable Instant deadline,
    @Nullable Long deadlineInMs,
    @Nullable Integer queuePosition,
    List<String> waitingFor,
    List<Side> sides,
    @Nullable Failure error,
    EvidenceHeld evidence,
    MigrationView.@Nullable ResolutionView resolution,
    String automatic,
    List<String> allowed,
    List<Stuck> stuck) {

  /**
   * One agent.
   *
   * @param seenAgoMs how long ago it last answered, or null if it never did
   * @param askedFor the request that is out, or null
   * @param behind devices that are not where the set's goal wants them
   * @param late what hops that are under way usually take
   */
  public record Side(
      String side,
      String host,
      HostView.@Nullable AgentState agent,
      @Nullable Long seenAgoMs,
      @Nullable String askedFor,
      @Nullable Long askedAgoMs,
      @Nullable String goal,
      ClaimReport.@Nullable Progress progress,
      List<String> behind,
      List<Late> late,
      @Nullable String trouble) {}

  /**
   * A hop that is waited for, and what it takes usually with devices of that profile.
   *
   * @param n how many of them were seen
   */
  public record Late(
      String device, String profile, String hop, double p50Ms, double p99Ms, int n) {}

  /** Which receipts the orchestrator holds. */
  public record EvidenceHeld(boolean ready, boolean sealed, boolean started, boolean voided) {}

  /** The explanation of a migration. */
  public static ExplainView of(Scene scene) {
    Migration migration = scene.migration();
    long now = scene.now().toEpochMilli();
    Long deadline = scene.live().deadlineMillis();
    var evidence = migration.evidence();
    return new ExplainView(
        migration.id().value(),
        migration.phase(),
        migration.outcome(),
        Instant.ofEpochMilli(migration.phaseSince()),
        Math.max(0, now - migration.phaseSince()),
        deadline == null ? null : Instant.ofEpochMilli(deadline),
        deadline == null ? null : (Long) (deadline - migration.phaseSince()),
        scene.live().queuePosition(),
        scene.live().waiting(),
        sides(scene),
        migration.failure(),
        new EvidenceHeld(
            evidence.ready() != null,
            evidence.seal() != null,
            evidence.started() != null,
            evidence.voided() != null),
        MigrationView.ResolutionView.of(migration.resolution()),
        automatic(migration),
        allowed(migration),
        Stuck.of(scene));
  }

  private static List<Side> sides(Scene scene) {
    var order = scene.migration().order();
    return List.of(
        side("source", order.source().value(), scene.source(), scene.live().source(), scene),
        side(
            "destination",
            order.destination().value(),
            scene.destination(),
            scene.live().destination(),
            scene));
  }

  private static Side side(
      String name, String host, @Nullable HostView known, @Nullable SideView side, Scene scene) {
    long now = scene.now().toEpochMilli();
    Long seen = side == null ? null : side.seenMillis();
    ClaimReport report = side == null ? null : side.report();
    String asked = side == null ? null : side.askedFor();
    return new Side(
        name,
        host,
        known == null ? null : known.state(),
        seen == null ? null : (Long) Math.max(0, now - seen),
        asked,
        side == null || asked == null ? null : (Long) Math.max(0, now - side.askedMillis()),
        report == null ? null : report.goal().name(),
        report == null ? null : report.progress(),
        report == null ? List.of() : behind(report, known),
        report == null || known == null ? List.of() : late(report, known, scene.learned()),
        side == null ? null : side.trouble());
  }

  private static List<Late> late(ClaimReport report, HostView host, Latencies learned) {
    List<Late> late = new ArrayList<>();
    for (DeviceReport device : report.devices()) {
      var known = host.device(device.name().value());
      if (device.heading() != null && known.isPresent()) {
        Hop hop = new Hop(device.state(), device.heading());
        String profile = known.get().profile();
        learned
            .typical(profile, hop)
            .map(t ->
                new Late(
                    device.name().value(),
                    profile,
                    hop.toString(),
                    t.p50Millis(),
                    t.p99Millis(),
                    t.n()))
            .ifPresent(late::add);
      }
    }
    return List.copyOf(late);
  }

  private static List<String> behind(ClaimReport report, @Nullable HostView host) {
    List<String> behind = new ArrayList<>();
    for (DeviceReport device : report.devices()) {
      var known = host == null ? null : host.device(device.name().value()).orElse(null);
      boolean there =
          known != null && report.goal().reachedBy(device.state(), known.capabilities());
      if (!there || device.trouble() != null) {
        String driver = known == null ? "?" : known.driver();
        String heading = device.heading() == null ? "" : ", asked for " + device.heading();
        String trouble = device.trouble() == null ? "" : ": " + device.trouble();
        behind.add(device.name() + " (" + driver + ") in " + device.state() + heading + trouble);
      }
    }
    return List.copyOf(behind);
  }

  private static String automatic(Migration migration) {
    return switch (migration.phase()) {
      case QUEUED -> "it starts when there is room";
      case CHECKING -> "it ends as FAILED if a check forbids it";
      case PREPARING, PRECOPYING -> "at the deadline it is given up; the source goes on running";
      case QUIESCING, FREEZING, COPYING ->
          "at the deadline, or over the budget, the set walks back and runs on the source";
      case SEALING -> "if the seal does not come, the set walks back; the source's word decides";
      case RESUMING -> "the start is repeated; if the destination gives up, the set walks back";
      case CLEANING -> "the release of the source is repeated until it answers";
      case ROLLING_BACK -> "the walk back is repeated until the source runs, on evidence";
      case NEEDS_OPERATOR ->
          migration.resolution() == null
              ? "nothing but asking the agents again; the missing evidence may come"
              : "the operator's decision is carried out until the kept side has proven it";
      case DONE -> "nothing: it is over";
    };
  }

  private static List<String> allowed(Migration migration) {
    return switch (migration.phase()) {
      case QUEUED, CHECKING, PREPARING, QUIESCING, FREEZING, COPYING, SEALING -> List.of("abort");
      case PRECOPYING -> List.of("switchover", "abort");
      case RESUMING, CLEANING, ROLLING_BACK -> List.of();
      case NEEDS_OPERATOR ->
          migration.resolution() == null ? List.of("resolve") : List.<String>of();
      case DONE -> migration.outcome() == Outcome.SUCCEEDED ? List.of() : List.of("retry");
    };
  }
}

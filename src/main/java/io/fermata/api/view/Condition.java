package io.fermata.api.view;

import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.migration.Gate;
import io.fermata.migration.Migration;
import io.fermata.migration.Outcome;
import io.fermata.migration.Phase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One statement about a migration, for programs.
 *
 * @param status {@code True}, {@code False} or {@code Unknown}
 * @param reason one word for programs
 * @param lastTransitionTime since when it is so, or null where nobody noted it
 */
public record Condition(
    String type,
    String status,
    String reason,
    String message,
    @Nullable Instant lastTransitionTime) {
  private static final String TRUE = "True";
  private static final String FALSE = "False";
  private static final String UNKNOWN = "Unknown";

  /** All conditions, in a fixed order. */
  public static List<Condition> of(Scene scene) {
    return List.of(
        succeeded(scene),
        gateHeld(scene),
        rollbackPossible(scene),
        agentsReachable(scene),
        withinBudget(scene));
  }

  private static Condition succeeded(Scene scene) {
    Migration migration = scene.migration();
    Outcome outcome = migration.outcome();
    Instant since = Instant.ofEpochMilli(migration.phaseSince());
    if (outcome == null) {
      Instant created = Instant.ofEpochMilli(migration.created());
      return new Condition("Succeeded", UNKNOWN, migration.phase().name(), "not over yet", created);
    }
    String status = outcome == Outcome.SUCCEEDED ? TRUE : FALSE;
    return new Condition(
        "Succeeded", status, outcome.name(), MigrationView.meaning(outcome), since);
  }

  private static Condition gateHeld(Scene scene) {
    Migration migration = scene.migration();
    Instant since = Instant.ofEpochMilli(migration.phaseSince());
    if (!migration.phase().dark() || migration.gates().isEmpty()) {
      return new Condition("GateHeld", FALSE, "NONE", "no gate is held", since);
    }
    Gate last = migration.gates().getLast();
    String message = "the whole set passed " + last.name() + ", last " + last.last();
    Instant opened = Instant.ofEpochMilli(last.openedMillis());
    return new Condition("GateHeld", TRUE, last.name().name(), message, opened);
  }

  private static Condition rollbackPossible(Scene scene) {
    Migration migration = scene.migration();
    Instant since = Instant.ofEpochMilli(migration.phaseSince());
    String type = "RollbackPossible";
    if (migration.ended()) {
      return new Condition(type, FALSE, "ENDED", "it is over", since);
    }
    if (migration.phase() == Phase.NEEDS_OPERATOR) {
      return new Condition(type, UNKNOWN, "NEEDS_OPERATOR", "evidence is missing", since);
    }
    boolean sealed = migration.evidence().seal() != null && migration.evidence().voided() == null;
    if (sealed || migration.phase() == Phase.CLEANING) {
      String message = "the right to run went to " + migration.order().destination();
      return new Condition(type, FALSE, "PAST_COMMIT", message, since);
    }
    String reason = migration.phase() == Phase.ROLLING_BACK ? "ROLLING_BACK" : "BEFORE_COMMIT";
    String message = "the source " + migration.order().source() + " has the right to run";
    return new Condition(type, TRUE, reason, message, Instant.ofEpochMilli(migration.created()));
  }

  private static Condition agentsReachable(Scene scene) {
    List<String> silent = new ArrayList<>();
    boolean unknown = false;
    for (HostView host : new @Nullable HostView[] {scene.source(), scene.destination()}) {
      if (host == null || host.state() == AgentState.UNKNOWN) {
        unknown = true;
      } else if (host.state() != AgentState.READY) {
        silent.add(host.name() + " is " + host.state());
      }
    }
    if (!silent.isEmpty()) {
      String message = String.join(", ", silent);
      return new Condition("AgentsReachable", FALSE, "AGENT_SILENT", message, null);
    }
    return unknown
        ? new Condition("AgentsReachable", UNKNOWN, "NEVER_SEEN", "an agent was never seen", null)
        : new Condition("AgentsReachable", TRUE, "READY", "both agents answer", null);
  }

  private static Condition withinBudget(Scene scene) {
    Migration migration = scene.migration();
    long budget = migration.order().blackoutBudgetMillis();
    String type = "WithinBudget";
    if (budget == 0) {
      return new Condition(type, UNKNOWN, "NO_BUDGET", "no budget was given", null);
    }
    Double dark = scene.darkMillis();
    if (dark == null) {
      return new Condition(type, UNKNOWN, "NOT_DARK", "the guest was not stopped", null);
    }
    Instant since = Instant.ofEpochMilli(migration.darkSince());
    String message = "dark for " + Math.round(dark) + " ms of " + budget + " ms";
    return dark <= budget
        ? new Condition(type, TRUE, "WITHIN", message, since)
        : new Condition(type, FALSE, "EXCEEDED", message, since.plusMillis(budget));
  }
}

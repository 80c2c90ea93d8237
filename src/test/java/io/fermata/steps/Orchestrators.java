package io.fermata.steps;

import io.fermata.handover.MigrationId;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.Row;
import io.fermata.migration.Order;
import io.fermata.migration.Outcome;
import io.fermata.migration.Phase;
import io.fermata.migration.Terms;
import io.fermata.migration.Transitions;
import io.fermata.simulation.SeenTransitions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The orchestrators of a run, one after the other or two at once, and the journal they share. */
final class Orchestrators {
  static final Transitions TABLE = new SeenTransitions();
  static final Terms TERMS =
      new Terms(
          Map.of(
              Phase.CHECKING, 2_000L,
              Phase.PREPARING, 2_000L,
              Phase.PRECOPYING, 10_000L,
              Phase.QUIESCING, 1_500L,
              Phase.FREEZING, 1_500L,
              Phase.COPYING, 2_000L,
              Phase.SEALING, 1_500L,
              Phase.RESUMING, 3_000L,
              Phase.CLEANING, 3_000L,
              Phase.ROLLING_BACK, 3_000L),
          1_000,
          200,
          200,
          4,
          1_500,
          10_000);
  private static final long REBOOT = 30 * Stage.MILLI;
  private static final long AWAY = 6_000 * Stage.MILLI;

  private final Stage stage;
  private final MemoryJournal journal;
  private final List<Orchestrator> lives = new ArrayList<>();
  private @Nullable MigrationId migration;
  private @Nullable Row stored;

  Orchestrators(Stage stage) {
    this.stage = stage;
    this.journal =
        new MemoryJournal(
            () -> Instant.ofEpochMilli(stage.now() / Stage.MILLI), Duration.ofHours(24));
  }

  void begin(Order order) {
    start().submit(order);
  }

  private Orchestrator start() {
    Orchestrator next = new Orchestrator(stage, this, journal, "o" + (lives.size() + 1));
    lives.add(next);
    next.recover();
    return next;
  }

  /** Another one takes over while the last one goes on. */
  void startBeside() {
    stage.soon(this::start);
  }

  /** The one that spoke is gone; another follows. */
  void replace(Orchestrator gone, Disturbance by) {
    gone.die();
    long pause = by == Disturbance.AWAY ? AWAY : REBOOT;
    stage.at(stage.now() + pause, this::start);
  }

  void abort() {
    MigrationId id = migration;
    if (id != null) {
      lives.getLast().abort(id);
    }
  }

  void born(MigrationId id) {
    migration = id;
  }

  @Nullable MigrationId migration() {
    return migration;
  }

  /** Whether the journal says how it ended, or has never heard of it. */
  boolean ended() {
    Row known = stored;
    return known == null ? lives.getLast().isIdle() : known.outcome() != null;
  }

  boolean succeeded() {
    Row known = stored;
    return known != null && Outcome.SUCCEEDED.name().equals(known.outcome());
  }

  /** The journal has it. S8: what it says of the end must be on the agents' disks. */
  void written(Row row) {
    stored = row;
    if (row.outcome() == null) {
      return;
    }
    Outcome outcome = Outcome.valueOf(row.outcome());
    MigrationId id = new MigrationId(row.id());
    stage.rows.outcomes.add(outcome);
    Host source = stage.host(Stage.SOURCE);
    boolean sealed = Slates.sealed(source, id);
    boolean moved = sealed && Slates.started(stage.host(Stage.DESTINATION), id);
    if (outcome == Outcome.SUCCEEDED ? !moved : sealed) {
      throw new Broken("S8 Truth", outcome + " with " + source.slate);
    }
  }

  String words() {
    Row known = stored;
    return known == null ? "nothing stored" : known.phase() + " " + known.data();
  }
}

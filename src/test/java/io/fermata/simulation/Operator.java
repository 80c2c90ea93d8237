package io.fermata.simulation;

import io.fermata.handover.HostName;
import io.fermata.handover.Side;
import io.fermata.handover.Testimony;
import io.fermata.migration.Migration;
import io.fermata.migration.MigrationRows;
import io.fermata.migration.Migrations;
import io.fermata.migration.Phase;
import io.fermata.migration.Resolution;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Comes when a host is lost for ever, has seen that it is off, and says so: every migration that is
 * parked and had a side there is resolved for the other side, where a dry run lets it.
 */
final class Operator {
  private static final long ROUND = 3 * World.SECOND;

  private final World world;
  private final Truth truth;
  private final Control control;

  Operator(Surroundings around, Control control) {
    this.world = around.world();
    this.truth = around.truth();
    this.control = control;
  }

  void begin() {
    world.after(ROUND, "operator", this::act);
  }

  private void act() {
    List<Orchestrator> alive = control.alive();
    if (!alive.isEmpty()) {
      Migrations migrations = alive.getLast().migrations();
      control.journal().open().stream()
          .map(MigrationRows::read)
          .filter(m -> m.resolution() == null)
          .forEach(m -> resolve(m, migrations));
    }
    begin();
  }

  /** The side that is left of what waits for a word on the lost host, or null. */
  static @Nullable Side keep(Migration m, @Nullable HostName lost) {
    if (m.phase() != Phase.NEEDS_OPERATOR) {
      return null;
    }
    if (m.order().source().equals(lost)) {
      return Side.DESTINATION;
    }
    return m.order().destination().equals(lost) ? Side.SOURCE : null;
  }

  private void resolve(Migration m, Migrations migrations) {
    Side keep = keep(m, truth.lost());
    if (keep == null) {
      return;
    }
    var word = new Testimony("operator", "BMC-off-" + truth.lost(), "the host burnt down", 0);
    var resolution = new Resolution(keep, word);
    migrations
        .rehearse(m.id(), resolution)
        .thenAccept(rehearsal -> {
          if (rehearsal instanceof Migrations.Rehearsal.Possible possible) {
            long version = possible.migration().version();
            world.note(m.id() + " is resolved for its " + resolution.keep());
            migrations.resolve(m.id(), resolution, version, possible.confirm());
          } else {
            world.note(m.id() + " cannot be resolved: " + reason(rehearsal));
          }
        });
  }

  private static String reason(Migrations.Rehearsal rehearsal) {
    return rehearsal
            instanceof Migrations.Rehearsal.Impossible(Migrations.Result.Objected(var m, var why))
        ? why.detail()
        : rehearsal.getClass().getSimpleName();
  }
}

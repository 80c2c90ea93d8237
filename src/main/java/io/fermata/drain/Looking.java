package io.fermata.drain;

import io.fermata.drain.Drains.World;
import io.fermata.drain.Sights.Promised;
import io.fermata.fleet.HostMarks;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Live;
import io.fermata.migration.Migration;
import io.fermata.migration.Migrations;
import io.fermata.migration.Traffic;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Sees for the drains what there is to be seen. */
record Looking(World world, Rules rules) {
  private static final int PAGE = 500;
  private static final int MOST = 10_000;

  Sights sights(Drain drain, List<Drain> open) {
    Map<MigrationId, Migration> children = new TreeMap<>();
    for (Move move : drain.moves().values()) {
      MigrationId id = move.migration();
      if (move.state() == Move.State.MOVING && id != null) {
        world.migrations().find(id).map(Live::migration).ifPresent(m -> children.put(id, m));
      }
    }
    Set<Promised> promised = new HashSet<>();
    open.stream()
        .filter(other -> !other.id().equals(drain.id()))
        .flatMap(other -> other.moves().values().stream())
        .filter(Move::underWay)
        .forEach(move -> promise(move, promised));
    Traffic.View traffic = world.traffic().view();
    return new Sights(
        world.fleet().hosts(),
        openOf(drain.host()),
        children,
        promised,
        traffic.limits().value(),
        traffic.paused(),
        null,
        rules,
        world.time().millis());
  }

  private static void promise(Move move, Set<Promised> promised) {
    HostName to = move.destination();
    if (to != null) {
      move.pairs().forEach(pair -> promised.add(new Promised(to, pair.destination())));
    }
  }

  private List<Migration> openOf(HostName host) {
    List<Migration> found = new ArrayList<>();
    var filter = new Migrations.Filter(null, host.value(), "active", null, null, null);
    @Nullable String cursor = null;
    do {
      Migrations.Page page = world.migrations().list(filter, cursor, PAGE);
      page.items().stream()
          .map(Live::migration)
          .filter(m -> !m.ended())
          .filter(m -> m.order().source().equals(host) || m.order().destination().equals(host))
          .forEach(found::add);
      cursor = page.cursor();
    } while (cursor != null && found.size() < MOST);
    return found;
  }

  /** The order of these looks is part of the proof: see there. */
  PowerOff powerOff(HostName host, Set<String> staying) {
    long now = world.time().millis();
    HostMarks marks = world.orders().marks(host);
    List<Migration> open = openOf(host);
    var said = world.fleet().ask(host);
    return PowerOff.judge(
        new PowerOff.Look(host, marks, open, said, staying, rules.settleMillis(), now));
  }
}

package io.fermata.simulation;

import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.Request;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * A guest takes longer to pause than its source has a lease, and nobody is heard meanwhile: the
 * source turns back, an old quiesce arrives a second time, and only then the first pause is
 * answered, with the way back's "run" still behind it.
 */
final class LatePauses implements Interception {
  /** Longer than any lease here, by the slowest clock. */
  private static final long LAPSED = 4 * World.SECOND;

  private static final long LONGEST = 12 * World.SECOND;

  private final World world;
  private final RandomGenerator random;
  private final Map<MigrationId, Quiesce> quiesces = new TreeMap<>();
  private final Map<MigrationId, Long> unheardUntil = new TreeMap<>();

  /** The newest that was sent, and where to. */
  private record Quiesce(HostName source, Runnable arrive) {}

  LatePauses(World world) {
    this.world = world;
    this.random = world.random("late pauses");
  }

  @Override
  public boolean holds(HostName to, Request request, Runnable arrive) {
    if (!world.has(Fault.LATE_PAUSE) || world.isCalm()) {
      return false;
    }
    MigrationId migration = request.header().migration();
    if (request instanceof Request.Quiesce) {
      quiesces.put(migration, new Quiesce(to, arrive));
    }
    Quiesce last = quiesces.get(migration);
    boolean toSource = last != null && last.source.equals(to);
    return toSource && world.now() < unheardUntil.getOrDefault(migration, 0L);
  }

  /** By how much this pause takes longer than others, in nanoseconds; mostly not at all. */
  long strike(MigrationId migration) {
    Quiesce quiesce = quiesces.get(migration);
    if (quiesce == null || !world.strikes(Fault.LATE_PAUSE, random)) {
      return 0;
    }
    long took = World.between(LAPSED + World.SECOND, LONGEST, random);
    unheardUntil.put(migration, world.now() + took);
    long again = World.between(LAPSED, took, random);
    world.after(
        again,
        "an old quiesce of " + migration + " arrives again",
        () -> {
          if (!world.isCalm()) {
            quiesce.arrive.run();
          }
        });
    return took;
  }
}

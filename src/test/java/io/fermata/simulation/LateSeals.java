package io.fermata.simulation;

import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.Request;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * Holds a seal up on its way until it is worth nothing any more: its source hears nobody, so its
 * lease ends and its guest runs again; then an old quiesce arrives a second time and stops the set
 * anew; then the seal comes, of the stop before. Nothing is forged: every message is one that was
 * sent, late, again or never.
 *
 * <pre>
 *  seal sent, held up --guest runs--> quiesce again --second stop on disk--> the seal arrives
 * </pre>
 */
final class LateSeals implements Interception {
  private static final long PATIENCE = 60 * World.SECOND;
  private static final long LOOK = 10 * World.MILLI;

  private final World world;
  private final Truth truth;
  private final RandomGenerator random;
  private final Map<MigrationId, Runnable> quiesces = new TreeMap<>();
  private final Map<MigrationId, Held> held = new TreeMap<>();

  /** A seal on its way to that source. */
  private record Held(MigrationId migration, HostName source, Runnable seal, long until) {}

  LateSeals(World world, Truth truth) {
    this.world = world;
    this.truth = truth;
    this.random = world.random("late seals");
  }

  /** A seal that waits, or what would overtake it. */
  @Override
  public boolean holds(HostName to, Request request, Runnable arrive) {
    MigrationId migration = request.header().migration();
    if (!world.has(Fault.LATE_SEAL) || world.isCalm()) {
      return false;
    }
    if (request instanceof Request.Quiesce) {
      quiesces.put(migration, arrive);
    }
    Held waiting = held.get(migration);
    if (waiting != null) {
      return waiting.source.equals(to);
    }
    boolean strikes = request instanceof Request.Seal && world.strikes(Fault.LATE_SEAL, random);
    if (strikes && quiesces.containsKey(migration)) {
      Held late = new Held(migration, to, arrive, world.now() + PATIENCE);
      held.put(migration, late);
      world.note("the seal of " + migration + " is held up");
      await(late);
      return true;
    }
    return false;
  }

  private void await(Held late) {
    world.after(LOOK, "a seal waits for its guest to run", () -> look(late));
  }

  private void look(Held late) {
    if (world.isCalm() || world.now() >= late.until) {
      held.remove(late.migration);
    } else if (truth.runs(late.source, guest(late))) {
      long stops = stops(late);
      world.note("an old quiesce of " + late.migration + " arrives again");
      quiesces.get(late.migration).run();
      stopped(late, stops);
    } else {
      await(late);
    }
  }

  private void stopped(Held late, long before) {
    if (world.isCalm() || world.now() >= late.until) {
      held.remove(late.migration);
    } else if (stops(late) > before) {
      long soon = World.between(World.MILLI, 300 * World.MILLI, random);
      world.after(soon, "the seal of " + late.migration + " arrives", () -> arrive(late));
    } else {
      world.after(LOOK, "a seal waits for another stop", () -> stopped(late, before));
    }
  }

  private void arrive(Held late) {
    held.remove(late.migration);
    if (!world.isCalm()) {
      late.seal.run();
    }
  }

  private List<Fact> facts(Held late) {
    return truth.ledger().of(late.source, late.migration);
  }

  private long stops(Held late) {
    return facts(late).stream().filter(Fact.Stopped.class::isInstance).count();
  }

  private String guest(Held late) {
    return facts(late).stream()
        .filter(Fact.Claimed.class::isInstance)
        .map(f -> ((Fact.Claimed) f).spec().vm())
        .findFirst()
        .orElse("");
  }
}

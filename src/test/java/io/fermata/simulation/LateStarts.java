package io.fermata.simulation;

import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Receipt;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Request;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * An abort and a seal cross. The seal overtakes the order to go back, so the set is sealed and its
 * copy is voided; and what the seal entitles to arrives just after the void.
 *
 * <pre>
 *  seal sent, held up --abort--> return sent: the seal arrives in its place --> void on disk
 *      --> what the source told the destination meanwhile arrives
 * </pre>
 */
final class LateStarts implements Interception {
  private static final long PATIENCE = 20 * World.SECOND;

  private final World world;
  private final Control control;
  private final RandomGenerator random;
  private final Map<MigrationId, Crossing> crossings = new TreeMap<>();

  private static final class Crossing {
    private final HostName source;
    private final HostName destination;
    private final long until;
    private @Nullable Runnable seal;
    private @Nullable Runnable start;

    Crossing(HostName source, HostName destination, long until, Runnable seal) {
      this.source = source;
      this.destination = destination;
      this.until = until;
      this.seal = seal;
    }
  }

  LateStarts(World world, Control control) {
    this.world = world;
    this.control = control;
    this.random = world.random("late starts");
  }

  @Override
  public boolean holds(HostName to, Request request, Runnable arrive) {
    MigrationId migration = request.header().migration();
    Crossing crossing = crossing(migration);
    if (crossing == null) {
      return request instanceof Request.Seal seal && crosses(to, seal, arrive);
    }
    if (request instanceof Request.Start && to.equals(crossing.destination)) {
      crossing.start = arrive;
      return true;
    }
    Runnable seal = crossing.seal;
    if (seal == null || !to.equals(crossing.source)) {
      return false;
    }
    if (request instanceof Request.Return) {
      crossing.seal = null;
      world.after(World.MICRO, "the seal of " + migration + " overtakes", seal);
    }
    return true;
  }

  private boolean crosses(HostName source, Request.Seal request, Runnable arrive) {
    if (!world.strikes(Fault.LATE_START, random)) {
      return false;
    }
    MigrationId migration = request.header().migration();
    HostName destination = request.ready().destination();
    long until = world.now() + PATIENCE;
    crossings.put(migration, new Crossing(source, destination, until, arrive));
    world.note("the seal of " + migration + " is held up and people abort it");
    control.alive().forEach(o -> o.migrations().abort(migration, "people", "at the last moment"));
    return true;
  }

  /** The crossing that this migration is in, or null. */
  private @Nullable Crossing crossing(MigrationId migration) {
    Crossing crossing = crossings.get(migration);
    boolean over = crossing != null && (world.isCalm() || world.now() >= crossing.until);
    return over ? null : crossing;
  }

  @Override
  public boolean holds(HostName to, PeerMessage message, Runnable arrive) {
    Crossing crossing = crossing(message.migration());
    boolean entitles =
        message instanceof PeerMessage.Settle settle && settle.receipt() instanceof Receipt.Sealed;
    if (crossing == null || !entitles) {
      return false;
    }
    crossing.start = arrive;
    return true;
  }

  /** The void is on disk: now the start comes. */
  void saw(Fact fact) {
    Crossing crossing = fact instanceof Fact.Voided ? crossing(fact.migration()) : null;
    if (crossing != null && crossing.start != null) {
      crossings.remove(fact.migration());
      long soon = World.between(World.MICRO, World.MILLI, random);
      world.after(soon, "a start of " + fact.migration() + " comes late", crossing.start);
    }
  }
}

package io.fermata.simulation;

import io.fermata.agent.AgentPorts;
import io.fermata.handover.Event;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.ClaimReport.GuestState;
import java.util.random.RandomGenerator;

/** The vCPUs of a host's guests behind one command channel, which keeps the order. */
final class SimGuests {
  private final World world;
  private final Truth truth;
  private final HostName host;
  private final RandomGenerator random;
  private final LatePauses latePauses;
  private long busyUntil;

  SimGuests(Surroundings around, HostName host) {
    this.world = around.world();
    this.truth = around.truth();
    this.host = host;
    this.latePauses = around.network().latePauses();
    this.random = world.random("guests " + host);
  }

  AgentPorts.Guests of(AgentProcess agent) {
    return wanted -> {
      agent.effect();
      set(agent, wanted.migration(), wanted.vm(), wanted.run());
    };
  }

  private void set(AgentProcess agent, MigrationId migration, String vm, boolean run) {
    boolean stumbles = world.strikes(Fault.GUEST_STUMBLES, random);
    boolean works = !stumbles || random.nextBoolean();
    boolean slow = world.strikes(Fault.GUEST_SLOW, random);
    long most = slow ? 10 * World.SECOND : 20 * World.MILLI;
    long took = World.between(slow ? 20 * World.MILLI : 100 * World.MICRO, most, random);
    took += run ? 0 : latePauses.strike(migration);
    busyUntil = Math.max(busyUntil, world.now()) + took;
    if (!run && world.lacks(Rule.PAUSE_BELIEVED)) {
      agent.post(new Event.GuestIs(migration, GuestState.PAUSED));
    }
    GuestState now = run ? GuestState.RUNNING : GuestState.PAUSED;
    world.at(
        busyUntil,
        host + " " + vm + (run ? " runs" : " pauses") + (works ? "" : ", not"),
        () -> {
          if (works && !host.equals(truth.lost())) {
            truth.processors(host, vm, run);
          }
          agent.post(new Event.GuestIs(migration, stumbles ? GuestState.UNKNOWN : now));
        });
  }
}

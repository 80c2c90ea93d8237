package io.fermata.simulation;

import java.util.List;
import java.util.random.RandomGenerator;

/** Breaks what the options of the seed allow, at times of its own choice. */
final class Nemesis {
  private final Surroundings around;
  private final World world;
  private final Control control;
  private final RandomGenerator random;

  Nemesis(Surroundings around, Control control) {
    this.around = around;
    this.world = around.world();
    this.control = control;
    this.random = world.random("nemesis");
  }

  void begin() {
    world.after(World.between(50 * World.MILLI, 3 * World.SECOND, random), "nemesis", this::act);
  }

  private void act() {
    if (world.isCalm()) {
      return;
    }
    hurtHosts();
    hurtNetwork();
    hurtOrchestrators();
    begin();
  }

  private void hurtHosts() {
    SimHost host = one(List.copyOf(around.hosts().values()));
    if (world.strikes(Fault.AGENT_CRASH, random)) {
      host.crash("killed");
    }
    if (world.strikes(Fault.HOST_PAUSE, random)) {
      host.pause(World.between(10 * World.MILLI, 20 * World.SECOND, random));
    }
  }

  private void hurtNetwork() {
    String from = one(control.parties());
    String to = one(control.parties());
    long nanos = World.between(10 * World.MILLI, 30 * World.SECOND, random);
    if (world.strikes(Fault.CUT, random)) {
      world.note(from + " -> " + to + " is cut");
      around.network().cut(from, to, nanos);
    }
    if (world.strikes(Fault.CLOG, random)) {
      around.network().clog(from, to, nanos);
    }
  }

  private void hurtOrchestrators() {
    List<Orchestrator> alive = control.alive();
    if (alive.isEmpty()) {
      if (random.nextInt(3) == 0) {
        control.takeOver();
      }
      return;
    }
    Orchestrator victim = one(alive);
    long nanos = World.between(10 * World.MILLI, 20 * World.SECOND, random);
    if (world.strikes(Fault.ORCHESTRATOR_PAUSE, random)) {
      victim.pause(nanos);
    }
    if (world.strikes(Fault.JOURNAL_FAILS, random)) {
      world.note(victim.name() + "'s journal fails");
      victim.journal().down(nanos / 4);
    }
    if (world.strikes(Fault.CLOCK_STEP, random)) {
      victim.clock().step(random.nextBoolean() ? nanos : -nanos);
    }
    if (world.strikes(Fault.ORCHESTRATOR_CRASH, random)) {
      control.kill(victim);
    }
    boolean room = control.alive().size() < world.options().orchestrators();
    if (room && world.strikes(Fault.TAKE_OVER, random)) {
      control.takeOver();
    }
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }
}

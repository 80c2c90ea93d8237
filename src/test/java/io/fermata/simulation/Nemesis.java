package io.fermata.simulation;

import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.wire.Protocol;
import java.util.List;
import java.util.random.RandomGenerator;

/** Breaks what the options of the seed allow, at times of its own choice. */
final class Nemesis {
  private final Surroundings around;
  private final World world;
  private final Control control;
  private final RandomGenerator random;
  private final LateStarts lateStarts;

  Nemesis(Surroundings around, Control control) {
    this.around = around;
    this.world = around.world();
    this.control = control;
    this.random = world.random("nemesis");
    this.lateStarts = new LateStarts(world, control);
  }

  void begin() {
    around.network().intercept(new LateSeals(world, around.truth()));
    around.network().intercept(lateStarts);
    world.witness(this::ambush);
    later();
  }

  private void later() {
    world.after(World.between(50 * World.MILLI, 3 * World.SECOND, random), "nemesis", this::act);
  }

  private void act() {
    if (world.isCalm()) {
      return;
    }
    hurtHosts();
    hurtNetwork();
    hurtOrchestrators();
    hurtJournal();
    later();
  }

  /** The moments after a fact is on disk are those in which the rules of the hand-over matter. */
  private void ambush(HostName at, Fact fact) {
    lateStarts.saw(fact);
    boolean matters =
        switch (fact) {
          case Fact.Claimed f -> false;
          case Fact.Promised f -> false;
          case Fact.Closed f -> false;
          case Fact.Stopped f -> true;
          case Fact.Sealed f -> true;
          case Fact.Unsealed f -> true;
          case Fact.Released f -> true;
          case Fact.Started f -> true;
          case Fact.Voided f -> true;
          case Fact.Abandoned f -> true;
          case Fact.Reclaimed f -> true;
          case Fact.Yielded f -> true;
          case Fact.Adopted f -> true;
          case Fact.Overruled f -> true;
        };
    if (matters) {
      SimHost host = around.host(at);
      strike(Fault.AMBUSH_CRASH, () -> host.crash("ambushed"));
      strike(Fault.AGENT_UPGRADED, () -> host.upgrade(other(host.build())));
      strike(Fault.AMBUSH_PAUSE, () -> host.pause(long20()));
      strike(Fault.AMBUSH_CUT, () -> cutOff(at.value(), one(control.parties())));
      strike(Fault.AMBUSH_ORCHESTRATORS, this::fell);
      resetCopies();
      if (around.truth().lost() == null) {
        HostName victim = either(at, fact);
        strike(Fault.HOST_LOST, () -> lose(victim));
      }
    }
  }

  /** Somewhere within the moments in which a copy is sealed and started. */
  private void resetCopies() {
    for (SimHost host : around.hosts().values()) {
      for (SimDevice device : host.devices().values()) {
        if (device.holdsCopy()) {
          strike(Fault.COPY_RESET, device::resetBehindOurBack);
        }
      }
    }
  }

  /** The host itself, or the other one of the hand-over: its word is what will be missing. */
  private HostName either(HostName at, Fact fact) {
    return around.truth().ledger().of(at, fact.migration()).stream()
        .filter(Fact.Claimed.class::isInstance)
        .map(f -> ((Fact.Claimed) f).spec().peer())
        .filter(peer -> world.has(Fault.HOST_LOST) && random.nextBoolean())
        .findFirst()
        .orElse(at);
  }

  private void lose(HostName victim) {
    if (around.truth().lost() == null) {
      around.host(victim).lose();
      new Operator(around, control).begin();
    }
  }

  private void strike(Fault fault, Runnable blow) {
    if (world.strikes(fault, random)) {
      long soon = World.between(World.MICRO, 300 * World.MILLI, random);
      world.after(
          soon,
          "ambush: " + fault,
          () -> {
            if (!world.isCalm()) {
              blow.run();
            }
          });
    }
  }

  private void cutOff(String host, String other) {
    around.network().cut(host, other, long20());
    if (random.nextBoolean()) {
      around.network().cut(other, host, long20());
    }
  }

  private void fell() {
    boolean kill = random.nextBoolean();
    for (Orchestrator orchestrator : control.alive()) {
      if (kill) {
        control.kill(orchestrator);
      } else {
        orchestrator.pause(long20());
      }
    }
  }

  private long long20() {
    return World.between(10 * World.MILLI, 20 * World.SECOND, random);
  }

  private void hurtJournal() {
    if (!world.has(Fault.JOURNAL_RESTORED)) {
      return;
    }
    if (random.nextInt(3) == 0) {
      control.backUp();
    }
    if (world.strikes(Fault.JOURNAL_RESTORED, random)) {
      if (random.nextBoolean()) {
        control.alive().forEach(control::kill);
      }
      control.restore();
    }
  }

  private void hurtHosts() {
    SimHost host = one(List.copyOf(around.hosts().values()));
    if (world.strikes(Fault.AGENT_CRASH, random)) {
      host.crash("killed");
    }
    if (world.strikes(Fault.DISK_FULL, random)) {
      host.disk().fill(World.between(World.MILLI, 10 * World.SECOND, random));
    }
    if (world.strikes(Fault.DISK_READ_ONLY, random)) {
      host.disk().protect(World.between(World.MILLI, 20 * World.SECOND, random));
    }
    if (world.strikes(Fault.SLATE_UNREADABLE, random)) {
      host.disk().hide(World.between(World.SECOND, 30 * World.SECOND, random));
      host.crash("its disk went away");
    }
    upgrade(host);
    if (world.strikes(Fault.HOST_PAUSE, random)) {
      host.pause(World.between(10 * World.MILLI, 20 * World.SECOND, random));
      suspend(host.clock(), host.pausedUntil());
    }
  }

  private void upgrade(SimHost host) {
    if (world.strikes(Fault.AGENT_UPGRADED, random)) {
      host.upgrade(other(host.build()));
    }
    if (world.strikes(Fault.WRONG_VERSION, random)) {
      host.upgrade(Builds.FAR);
      long nanos = World.between(100 * World.MILLI, 30 * World.SECOND, random);
      world.after(nanos, host.name() + " is downgraded", () -> host.upgrade(Protocol.BUILD));
    }
  }

  private static Protocol other(Protocol build) {
    return build.equals(Protocol.BUILD) ? Builds.NEXT : Protocol.BUILD;
  }

  /** A pause may be a suspend: then the clock without BOOTTIME has slept as well. */
  private void suspend(SimClock clock, long until) {
    if (world.strikes(Fault.CLOCK_STANDS, random)) {
      clock.stand(until - world.now());
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
    if (world.strikes(Fault.WRONG_CERTIFICATE, random)) {
      String host = one(List.copyOf(around.hosts().keySet())).value();
      world.note(host + " shows a wrong certificate");
      around.network().mistrust(host, nanos);
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
      suspend(victim.clock(), world.now() + nanos);
    }
    if (world.strikes(Fault.JOURNAL_FAILS, random)) {
      world.note(victim.name() + "'s journal fails");
      victim.journal().down(nanos / 4);
    }
    if (world.strikes(Fault.JOURNAL_FULL, random)) {
      world.note("the journal is full");
      alive.forEach(each -> each.journal().fill(nanos / 2));
    }
    if (world.strikes(Fault.JOURNAL_CLOCK_STEP, random)) {
      around.leases().step(random.nextBoolean() ? nanos : -nanos);
    }
    if (world.strikes(Fault.ORCHESTRATOR_UPGRADED, random)) {
      control.kill(victim);
      control.takeOver(other(victim.build()));
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

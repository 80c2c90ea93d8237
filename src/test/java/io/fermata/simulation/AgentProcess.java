package io.fermata.simulation;

import io.fermata.agent.AgentLoop;
import io.fermata.agent.AgentPorts;
import io.fermata.agent.Slate;
import io.fermata.agent.SlateFault;
import io.fermata.agent.SlateOnBytes;
import io.fermata.device.DeviceName;
import io.fermata.device.Hop;
import io.fermata.handover.Claim;
import io.fermata.handover.Claims;
import io.fermata.handover.Event;
import io.fermata.handover.Fact;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Ticket;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Request;
import io.fermata.wire.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * One life of an agent: the production loop on this world's ports. All that was not synced ends
 * with it.
 */
final class AgentProcess implements AgentPorts, AgentPorts.Devices, AgentPorts.Replies {
  private static final String UNREADABLE = SlateOnBytes.quiet("").incarnation();

  private final SimHost host;
  private final Surroundings around;
  private final World world;
  private final String name;
  private final RandomGenerator random;
  private final TreeMap<Long, Consumer<Answer>> answers = new TreeMap<>();
  private final Obedience obedience;
  private final Protocol build;
  private final TreeMap<Long, Consumer<PeerMessage.Word>> words = new TreeMap<>();
  private final SimStreams streams;
  private final SimPeers peers;
  private List<Event> inbox = new ArrayList<>();
  private AgentLoop loop;
  private HeldEffects held;
  private boolean alive = true;
  private boolean turnPlanned;
  private boolean seen;
  private long tickets;

  AgentProcess(SimHost host, Surroundings around, String name) {
    this.host = host;
    this.around = around;
    this.world = around.world();
    this.name = name;
    this.random = world.random("agent " + name);
    this.build = host.build();
    this.streams = new SimStreams(host, around, this);
    this.peers = new SimPeers(host, around, this);
    this.obedience = new Obedience(host, around.truth());
  }

  /** Whether there is a slate to begin with; a process that finds none ends itself. */
  boolean boot() {
    world.note(name + " starts");
    Slate slate;
    try {
      slate = host.disk().open(name, around.codec());
    } catch (SlateFault e) {
      return false;
    }
    around.truth().found(host.name(), slate.facts());
    around.truth().witness().boots(host.name(), slate.facts());
    var claims = new Claims(host.name(), slate.incarnation(), host.configured());
    if (slate.incarnation().equals(UNREADABLE)) {
      claims.keepQuiet("its slate is gone");
    }
    held = new HeldEffects(world, this);
    loop = new AgentLoop(claims, new Witnessed(slate), held, name, host.timings());
    seen = false;
    safely(loop::start);
    show();
    tick();
    return true;
  }

  private void tick() {
    if (alive) {
      boolean idle = loop.claims().all().stream().noneMatch(Claim::holdsDevices);
      if (!idle) {
        turn();
      }
      long pause = world.options().tickMillis() * World.MILLI;
      world.after(host.clock().virtual(pause), name + " ticks", this::tick);
    }
  }

  /** Something for the loop; a process that is gone hears nothing. */
  void post(Event event) {
    if (!alive) {
      return;
    }
    inbox.add(event);
    if (!turnPlanned) {
      turnPlanned = true;
      long reaction = World.between(10 * World.MICRO, 500 * World.MICRO, random);
      world.after(reaction, name + " takes a turn", this::turn);
    }
  }

  private void turn() {
    if (!alive) {
      return;
    }
    if (pausedUntil() > world.now()) {
      turnPlanned = true;
      world.at(pausedUntil(), name + " takes a late turn", this::turn);
      return;
    }
    turnPlanned = false;
    List<Event> events = inbox;
    inbox = new ArrayList<>();
    long heardAt = nanos();
    obedience.turn(events, heardAt);
    seen = false;
    around.truth().witness().hears(host.name(), events);
    safely(() -> loop.turn(events));
    held.then(() -> obedience.turned(heardAt));
    held.then(this::show);
  }

  void safely(Runnable work) {
    try {
      work.run();
    } catch (HostCrash e) {
      host.crash(e.getMessage());
    } catch (SlateFault e) {
      host.crash("its slate failed");
    } catch (RuntimeException e) {
      throw new Violation("AgentLives", name + " has ended itself: " + e, e);
    }
  }

  /** Once a turn, when all of it is decided and on disk. */
  private void show() {
    if (alive && !seen) {
      seen = true;
      around.truth().witness().stands(host.name(), loop.claims());
    }
  }

  void die() {
    alive = false;
    streams.die();
  }

  /** Which versions it speaks. */
  Protocol build() {
    return build;
  }

  /** Whether it found no slate, knows nothing and takes nothing. */
  boolean isQuiet() {
    return loop.claims().quiet().isPresent();
  }

  /** Until when it is inside a sync. */
  long syncsUntil() {
    return held.until();
  }

  /** Until when the process does nothing: its host stands still, or it waits for its disk. */
  long pausedUntil() {
    return Math.max(host.pausedUntil(), held.until());
  }

  boolean isAlive() {
    return alive;
  }

  Claims claims() {
    return loop.claims();
  }

  SimStreams simStreams() {
    return streams;
  }

  void take(Request request, Consumer<Answer> reply) {
    Ticket ticket = ticket();
    answers.put(ticket.number(), reply);
    post(new Event.Asked(request, ticket));
  }

  void take(PeerMessage message, Consumer<PeerMessage.Word> reply) {
    Ticket ticket = ticket();
    words.put(ticket.number(), reply);
    post(new Event.PeerAsked(message, ticket));
  }

  private Ticket ticket() {
    tickets++;
    return new Ticket(tickets, nanos());
  }

  /** Called where an effect leaves: the process may end just before. */
  void effect() {
    if (world.strikes(Fault.CRASH_BEFORE_EFFECT, random)) {
      throw new HostCrash("before an effect");
    }
    show();
  }

  long nanos() {
    return host.clock().monotonic();
  }

  @Override
  public Clock clock() {
    return this::nanos;
  }

  @Override
  public Devices devices() {
    return this;
  }

  @Override
  public Streams streams() {
    return streams;
  }

  @Override
  public Guests guests() {
    return host.guests().of(this);
  }

  @Override
  public Peers peers() {
    return peers;
  }

  @Override
  public Replies replies() {
    return this;
  }

  @Override
  public void move(MigrationId migration, DeviceName device, Hop hop) {
    effect();
    host.device(device).move(this, migration, hop);
  }

  @Override
  public void look(MigrationId migration, DeviceName device) {
    effect();
    host.device(device).look(this, migration);
  }

  @Override
  public void reset(MigrationId migration, DeviceName device) {
    effect();
    host.device(device).reset(this, migration);
  }

  @Override
  public void reply(Ticket ticket, Answer answer) {
    effect();
    obedience.answered(ticket, answer, loop.claims());
    Consumer<Answer> waiting = answers.remove(ticket.number());
    if (waiting != null) {
      waiting.accept(answer);
    }
  }

  @Override
  public void reply(Ticket ticket, PeerMessage.Word word) {
    effect();
    Consumer<PeerMessage.Word> waiting = words.remove(ticket.number());
    if (waiting != null) {
      waiting.accept(word);
    }
  }

  /** The slate, with every fact shown to the ledger once it is on disk. */
  private final class Witnessed implements Slate {
    private final Slate slate;

    Witnessed(Slate slate) {
      this.slate = slate;
    }

    @Override
    public String incarnation() {
      return slate.incarnation();
    }

    @Override
    public List<Fact> facts() {
      return slate.facts();
    }

    /** A slow sync ends later; until then nothing leaves, and after a crash nothing is there. */
    @Override
    public void append(List<Fact> facts) {
      long nanos = host.disk().syncNanos();
      if (nanos > 0) {
        held.until(world.now() + nanos, () -> write(facts));
      } else {
        write(facts);
      }
    }

    private void write(List<Fact> facts) {
      slate.append(facts);
      facts.forEach(fact -> world.note(host.name() + " has on disk " + shortly(fact)));
      around.truth().found(host.name(), facts);
      around.truth().witness().wrote(host.name(), facts);
      facts.forEach(fact -> world.witnessed(host.name(), fact));
    }

    private static String shortly(Fact fact) {
      return fact.getClass().getSimpleName() + " of " + fact.migration();
    }

    @Override
    public void close() {
      slate.close();
    }
  }
}

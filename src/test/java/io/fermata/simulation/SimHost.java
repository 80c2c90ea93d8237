package io.fermata.simulation;

import io.fermata.device.DeviceName;
import io.fermata.handover.Claims;
import io.fermata.handover.HostName;
import io.fermata.handover.Timings;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Request;
import io.fermata.wire.Protocol;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A machine: its devices, its disk, its guests, its clock, and the agent process if one lives. */
final class SimHost {
  private final World world;
  private final HostName name;
  private final Surroundings around;
  private final SimClock clock;
  private final SimDisk disk;
  private final SimGuests guests;
  private final RandomGenerator random;
  private final SortedMap<DeviceName, SimDevice> devices = new TreeMap<>();
  private final SortedMap<DeviceName, Claims.Holding> configured = new TreeMap<>();
  private Timings timings;
  private Protocol build = Protocol.BUILD;
  private @Nullable AgentProcess agent;
  private long pausedUntil;
  private int processes;
  private boolean lost;

  SimHost(HostName name, Surroundings around) {
    this.world = around.world();
    this.name = name;
    this.around = around;
    this.clock = new SimClock(world, name.value());
    this.disk = new SimDisk(world, name.value());
    this.guests = new SimGuests(around, name);
    this.random = world.random("host " + name);
    this.timings =
        new Timings(
            (2 + random.nextInt(8)) * World.SECOND, 200 * World.MILLI, 200 * World.MILLI, 5, 10);
  }

  /** Puts a device in, with the owner that the agent's configuration names. */
  void add(SimDevice device, @Nullable String owner) {
    devices.put(new DeviceName(device.name()), device);
    configured.put(new DeviceName(device.name()), new Claims.Holding(device.offered(), owner));
  }

  HostName name() {
    return name;
  }

  SimClock clock() {
    return clock;
  }

  SimDisk disk() {
    return disk;
  }

  SimGuests guests() {
    return guests;
  }

  Timings timings() {
    return timings;
  }

  /** Of the program that an agent started now is one of. */
  Protocol build() {
    return build;
  }

  SortedMap<DeviceName, SimDevice> devices() {
    return devices;
  }

  Map<DeviceName, Claims.Holding> configured() {
    return configured;
  }

  SimDevice device(DeviceName device) {
    SimDevice found = devices.get(device);
    if (found == null) {
      throw new IllegalArgumentException(name + " has no " + device);
    }
    return found;
  }

  @Nullable AgentProcess agent() {
    return agent;
  }

  long pausedUntil() {
    return pausedUntil;
  }

  /** Nothing on this host's processors happens for so long; its devices go on. */
  void pause(long nanos) {
    pausedUntil = world.now() + nanos;
    world.note(name + " pauses");
  }

  void wake() {
    pausedUntil = 0;
  }

  /** Starts the agent if none lives. */
  void boot() {
    if (agent == null && !lost) {
      processes++;
      around.truth().resets().forgets(name); // also what was reset while no process was there
      AgentProcess started = new AgentProcess(this, around, name + "-" + processes);
      agent = started;
      if (!started.boot()) {
        crash("its slate cannot be opened");
      } else if (started.isQuiet()) {
        world.at(disk.readableFrom(), name + "'s slate is found", () -> mend(started));
      }
    }
  }

  /** Whoever looks after the host sees that this process keeps quiet, and starts another one. */
  private void mend(AgentProcess quiet) {
    if (agent == quiet) {
      end("it kept quiet", World.between(20 * World.MILLI, World.SECOND, random));
    }
  }

  /** Whoever looks after the host ends a process that can do nothing; none is there after it. */
  void mend() {
    boolean far = build.equals(Builds.FAR);
    build = far ? Protocol.BUILD : build;
    AgentProcess found = agent;
    if (found != null && (far || found.isQuiet())) {
      end("it can do nothing", World.SECOND);
    }
  }

  /**
   * The process is stopped in order, and one of that build takes its place, which has thoughts of
   * its own about how long things take.
   */
  void upgrade(Protocol to) {
    AgentProcess before = agent;
    if (before == null || world.isCalm()) {
      build = world.isCalm() ? Protocol.BUILD : to;
      return;
    }
    if (before.syncsUntil() > world.now()) {
      world.at(before.syncsUntil() + 1, name + " is to be upgraded", () -> upgrade(to));
      return;
    }
    build = to;
    timings =
        new Timings(
            World.between(2 * World.SECOND, 10 * World.SECOND, random),
            World.between(50 * World.MILLI, World.SECOND, random),
            World.between(50 * World.MILLI, World.SECOND, random),
            1 + random.nextInt(8),
            5 + random.nextInt(20));
    end("it makes room for " + to, World.between(20 * World.MILLI, 3 * World.SECOND, random));
  }

  /** The process is gone at once; sooner or later something starts it again. */
  void crash(String why) {
    if (agent != null) {
      end(why, World.between(20 * World.MILLI, 20 * World.SECOND, random));
    }
  }

  private void end(String why, long down) {
    AgentProcess dying = agent;
    if (dying == null) {
      return;
    }
    agent = null;
    dying.die();
    around.truth().resets().forgets(name);
    devices.values().forEach(device -> device.forget(dying));
    world.note(name + "'s agent dies: " + why);
    world.after(down, name + "'s agent starts", this::boot);
  }

  /** It burns down: nothing of it comes back, and whoever says that it is off says the truth. */
  void lose() {
    crash("its host is lost");
    lost = true;
    around.truth().loses(name);
    devices.values().forEach(SimDevice::lose);
    world.note(name + " is lost for ever");
  }

  /** Why whoever speaks so is taken by nobody here, or null; where nobody is, nobody objects. */
  @Nullable String objection(Protocol caller) {
    return agent == null ? null : Builds.objection(caller, agent.build());
  }

  /** A request arrives; what is said to nobody is answered by nobody. */
  void take(Request request, Consumer<Answer> reply) {
    if (agent != null) {
      agent.take(request, reply);
    }
  }

  void take(PeerMessage message, Consumer<PeerMessage.Word> reply) {
    if (agent != null) {
      agent.take(message, reply);
    }
  }
}

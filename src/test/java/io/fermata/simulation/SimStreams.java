package io.fermata.simulation;

import io.fermata.agent.AgentPorts;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.Event;
import io.fermata.handover.ImageDigest;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The data plane of one agent process: an image arrives whole after some time, or it does not. */
final class SimStreams implements AgentPorts.Streams {
  private static final long BYTES = 1 << 20;

  private final SimHost host;
  private final Surroundings around;
  private final World world;
  private final AgentProcess agent;
  private final RandomGenerator random;
  private final long usualNanos;
  private final List<Sending> sending = new ArrayList<>();
  private final Map<MigrationId, Expecting> expecting = new TreeMap<>();
  private final Set<MigrationId> dropped = new TreeSet<>();

  SimStreams(SimHost host, Surroundings around, AgentProcess agent) {
    this.host = host;
    this.around = around;
    this.world = around.world();
    this.agent = agent;
    this.random = world.random("streams " + host.name() + " " + world.now());
    this.usualNanos = World.between(World.MILLI, 2 * World.SECOND, random);
  }

  private static final class Sending {
    private final MigrationId migration;
    private final ClaimSpec spec;
    private final DeviceName device;
    private boolean asked;
    private boolean over;

    Sending(MigrationId migration, ClaimSpec spec, DeviceName device) {
      this.migration = migration;
      this.spec = spec;
      this.device = device;
    }

    DeviceName destination() {
      return spec.devices().stream()
          .filter(pair -> pair.source().equals(device))
          .findFirst()
          .orElseThrow()
          .destination();
    }
  }

  /** A destination's claim and which of its devices have had their stream. */
  private record Expecting(ClaimSpec spec, Set<DeviceName> taken) {}

  @Override
  public void open(MigrationId migration, ClaimSpec spec, DeviceName device, boolean readable) {
    agent.effect();
    Sending stream = new Sending(migration, spec, device);
    sending.add(stream);
    if (!readable) {
      later(stream, "waits", () -> waits(stream, 4));
    } else if (host.device(device).state() == DeviceState.PRE_COPY) {
      later(stream, "tells what is left", () -> flow(stream, 4));
    }
  }

  /** Connected before its device can be read. */
  private void waits(Sending stream, int left) {
    if (stream.asked) {
      return;
    }
    if (world.strikes(Fault.STREAM_BREAKS, random)) {
      breakOff(stream, "broken before its device was read");
    } else if (left > 0) {
      later(stream, "waits", () -> waits(stream, left - 1));
    }
  }

  private void flow(Sending stream, int left) {
    if (world.strikes(Fault.STREAM_BREAKS, random)) {
      breakOff(stream, "broken while it pre-copied");
      return;
    }
    agent.post(new Event.Flowed(stream.migration, stream.device, BYTES, left * BYTES));
    if (left > 0) {
      later(stream, "tells what is left", () -> flow(stream, left - 1));
    }
  }

  @Override
  public void finish(MigrationId migration, DeviceName device, Stop stop) {
    agent.effect();
    for (Sending stream : List.copyOf(sending)) {
      if (stream.migration.equals(migration) && stream.device.equals(device)) {
        stream.asked = true;
        later(stream, "comes to its end", () -> end(stream, stop));
      }
    }
  }

  private void end(Sending stream, Stop stop) {
    SimDevice from = host.device(stream.device);
    SimHost there = around.host(stream.spec.peer());
    AgentProcess to = there.agent();
    String here = host.name().value();
    SimNetwork network = around.network();
    String other = there.name().value();
    boolean cut = network.isCut(here, other) || network.isRefused(here, other);
    if (cut || to == null || from.state() != DeviceState.STOP_COPY) {
      breakOff(stream, cut || to == null ? "no connection" : "the session is gone");
      return;
    }
    Content content = from.readable();
    boolean breaks = world.strikes(Fault.STREAM_BREAKS, random);
    boolean lies = !breaks && world.strikes(Fault.STREAM_LIES, random);
    String trouble = breaks ? "broken off" : lies ? "the digest does not match" : null;
    ImageDigest image =
        new ImageDigest(stream.destination(), BYTES, content == null ? "0" : content.digest());
    Arrival arrival = new Arrival(to, stream, stop, new Cargo(image, content, trouble));
    if (world.strikes(Fault.STREAM_STALLS, random)) {
      stall(stream, to, image.device());
    } else if (world.strikes(Fault.STREAM_LATE, random)) {
      long late = World.between(100 * World.MILLI, 20 * World.SECOND, random);
      world.after(late, host.name() + " " + stream.device + " late image", () -> land(arrival));
    } else {
      land(arrival);
    }
  }

  /** A connection that is half open: each side finds out by itself, after long. */
  private void stall(Sending stream, AgentProcess to, DeviceName device) {
    world.note(host.name() + " " + stream.device + " stream stalls");
    long here = World.between(World.SECOND, 30 * World.SECOND, random);
    world.after(
        here,
        host.name() + " " + stream.device + " gives up its stream",
        () -> {
          if (!stream.over) {
            breakOff(stream, "nothing was taken for long");
          }
        });
    long there = World.between(World.SECOND, 30 * World.SECOND, random);
    world.after(
        there,
        stream.spec.peer() + " " + device + " gives up its stream",
        () -> {
          if (to.isAlive() && to.simStreams().expecting.containsKey(stream.migration)) {
            to.post(new Event.Broke(stream.migration, device, "nothing came for long"));
          }
        });
  }

  /** The image is there, whatever has become of its source; the process it was sent to may not. */
  private void land(Arrival arrival) {
    Sending stream = arrival.stream;
    AgentProcess to = arrival.to;
    if (!to.isAlive() || !to.simStreams().arrive(stream, arrival.stop, arrival.cargo)) {
      if (!stream.over) {
        breakOff(stream, "refused there, or " + arrival.cargo.trouble);
      }
    } else if (world.strikes(Fault.WORD_OF_END_LOST, random)) {
      if (!stream.over) {
        breakOff(stream, "no word of its end");
      }
    } else {
      long back = World.between(50 * World.MICRO, 5 * World.MILLI, random);
      world.after(
          back,
          host.name() + " " + stream.device + " was sent",
          () -> {
            if (!stream.over) {
              ImageDigest image = arrival.cargo.image;
              agent.post(new Event.Sent(stream.migration, stream.device, arrival.stop, image));
            }
          });
    }
  }

  private record Arrival(AgentProcess to, Sending stream, Stop stop, Cargo cargo) {}

  private record Cargo(ImageDigest image, @Nullable Content content, @Nullable String trouble) {}

  /** At the destination: whether the image was taken whole. */
  private boolean arrive(Sending stream, Stop stop, Cargo cargo) {
    Expecting claim = expecting.get(stream.migration);
    DeviceName name = cargo.image.device();
    boolean known = claim != null && claim.spec.token().equals(stream.spec.token());
    if (!known || !claim.taken.add(name)) {
      return false;
    }
    SimDevice device = host.device(name);
    boolean counts = world.lacks(Rule.DIGEST_ONLY_COUNTED);
    boolean checked = !world.lacks(Rule.DIGEST_UNCHECKED) && !counts;
    if ((cargo.trouble != null && checked) || device.state() != DeviceState.RESUMING) {
      agent.post(new Event.Broke(stream.migration, name, "" + cargo.trouble));
      return false;
    }
    Content written = cargo.trouble == null ? cargo.content : spoilt(cargo.content);
    device.write(written);
    boolean own = counts && written != null;
    ImageDigest image = own ? new ImageDigest(name, BYTES, written.digest()) : cargo.image;
    agent.post(new Event.Arrived(stream.migration, stop, image));
    return true;
  }

  private static @Nullable Content spoilt(@Nullable Content content) {
    return content == null ? null : new Content(content.guest(), content.slot(), -1);
  }

  @Override
  public void expect(MigrationId migration, ClaimSpec spec) {
    agent.effect();
    if (!dropped.contains(migration)) {
      expecting.put(migration, new Expecting(spec, new TreeSet<>()));
    }
  }

  @Override
  public void drop(MigrationId migration) {
    agent.effect();
    for (Sending stream : sending) {
      stream.over |= stream.migration.equals(migration);
    }
    sending.removeIf(stream -> stream.over);
    if (expecting.remove(migration) != null) {
      dropped.add(migration);
    }
  }

  void die() {
    sending.forEach(stream -> stream.over = true);
    expecting.clear();
  }

  private void breakOff(Sending stream, String detail) {
    stream.over = true;
    sending.remove(stream);
    agent.post(new Event.Broke(stream.migration, stream.device, detail));
  }

  private void later(Sending stream, String what, Runnable then) {
    long nanos = World.between(usualNanos / 4, usualNanos * 2, random);
    world.after(
        nanos,
        host.name() + " " + stream.device + " stream " + what,
        () -> {
          if (!stream.over && agent.isAlive()) {
            then.run();
          }
        });
  }
}

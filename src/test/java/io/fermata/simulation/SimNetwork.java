package io.fermata.simulation;

import io.fermata.handover.HostName;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Request;
import io.fermata.wire.Codec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** Carries messages, and loses, delays, doubles, holds up and repeats them. */
final class SimNetwork {
  private final World world;
  private final RandomGenerator random;
  private final Map<String, Long> cutUntil = new TreeMap<>();
  private final Map<String, Long> cloggedUntil = new TreeMap<>();
  private final Map<String, Long> mistrustedUntil = new TreeMap<>();
  private final long usualNanos;
  private final List<Interception> interceptions = new ArrayList<>();
  private final LatePauses latePauses;

  SimNetwork(World world) {
    this.world = world;
    this.latePauses = new LatePauses(world);
    intercept(latePauses);
    this.random = world.random("network");
    this.usualNanos = World.between(50 * World.MICRO, 20 * World.MILLI, random);
  }

  /** From one to the other, once or more often or never. */
  void send(String from, String to, String what, Runnable arrive) {
    String label = from + " -> " + to + ": " + what;
    if (isCut(from, to) || world.strikes(Fault.LOSS, random)) {
      world.note(label + " lost");
      return;
    }
    deliver(from, to, label, arrive);
    if (world.strikes(Fault.DUPLICATION, random)) {
      deliver(from, to, label + " (again)", arrive);
    }
    if (world.strikes(Fault.REPLAY, random)) {
      long later = World.between(World.SECOND, 180 * World.SECOND, random);
      world.after(later, label + " (old)", () -> unlessCalm(arrive));
    }
  }

  void intercept(Interception by) {
    interceptions.add(by);
  }

  LatePauses latePauses() {
    return latePauses;
  }

  /** A request to an agent, unless somebody keeps it. */
  void ask(String from, HostName to, Request request, Runnable arrive) {
    var header = request.header();
    String label = Codec.type(request) + " " + header.migration() + " " + header.epoch();
    if (interceptions.stream().noneMatch(i -> i.holds(to, request, arrive))) {
      send(from, to.value(), label, arrive);
    }
  }

  /** What one agent tells another, unless somebody keeps it. */
  void tell(HostName from, HostName to, PeerMessage message, Runnable arrive) {
    String label = message.getClass().getSimpleName() + " " + message.migration();
    if (interceptions.stream().noneMatch(i -> i.holds(to, message, arrive))) {
      send(from.value(), to.value(), label, arrive);
    }
  }

  private void unlessCalm(Runnable arrive) {
    if (!world.isCalm()) {
      arrive.run();
    }
  }

  private void deliver(String from, String to, String label, Runnable arrive) {
    long delay = World.between(usualNanos / 2, usualNanos * 2, random);
    if (world.strikes(Fault.STRAGGLER, random)) {
      delay = World.between(100 * World.MILLI, 20 * World.SECOND, random);
    }
    long clog = cloggedUntil.getOrDefault(key(from, to), 0L);
    world.at(Math.max(world.now() + delay, clog + delay), label, arrive);
  }

  /** Nothing passes from one to the other for so long; the other way is not concerned. */
  void cut(String from, String to, long nanos) {
    cutUntil.put(key(from, to), world.now() + nanos);
  }

  /** What is sent from one to the other now arrives only after so long. */
  void clog(String from, String to, long nanos) {
    cloggedUntil.put(key(from, to), world.now() + nanos);
  }

  boolean isCut(String from, String to) {
    return !world.isCalm() && cutUntil.getOrDefault(key(from, to), 0L) > world.now();
  }

  /** Nobody makes a connection to or from that host for so long; whoever tries is told at once. */
  void mistrust(String host, long nanos) {
    mistrustedUntil.put(host, world.now() + nanos);
  }

  /** Whether a connection between the two is refused by one of them. */
  boolean isRefused(String from, String to) {
    return !world.isCalm() && (isMistrusted(from) || isMistrusted(to));
  }

  private boolean isMistrusted(String host) {
    return mistrustedUntil.getOrDefault(host, 0L) > world.now();
  }

  /** How long the handshake took that was refused. */
  long handshake() {
    return World.between(usualNanos / 2, usualNanos * 2, random);
  }

  void heal() {
    cutUntil.clear();
    cloggedUntil.clear();
  }

  private static String key(String from, String to) {
    return from + ">" + to;
  }
}

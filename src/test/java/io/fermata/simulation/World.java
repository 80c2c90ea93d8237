package io.fermata.simulation;

import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import java.util.EnumMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Virtual time and chance. Everything that happens is one event of one queue, ordered by time and
 * then by the order in which it was planned; there is one thread, and nothing else makes anything
 * happen.
 */
public final class World {
  static final long MICRO = 1_000;
  static final long MILLI = 1_000_000;
  static final long SECOND = 1_000_000_000;
  private static final long MOST_EVENTS = 5_000_000;

  private final long seed;
  private final Without without;
  private final Options options;
  private final PriorityQueue<Planned> queue = new PriorityQueue<>();
  private final Map<Fault, Long> struck = new EnumMap<>(Fault.class);
  private final Trace trace = new Trace();
  private long now;
  private long planned;
  private boolean calm;
  private @Nullable Violation broken;
  private BiConsumer<HostName, Fact> witness = (host, fact) -> {};

  private record Planned(long at, long number, String what, Runnable then)
      implements Comparable<Planned> {
    @Override
    public int compareTo(Planned other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  World(long seed, Without without) {
    this.seed = seed;
    this.without = without;
    this.options = Options.draw(this::random, without);
  }

  /** Chance for one component: a draw more in one place shifts nothing in another. */
  RandomGenerator random(String component) {
    return new SplittableRandom(seed * 0x9E3779B97F4A7C15L + component.hashCode());
  }

  Options options() {
    return options;
  }

  /** Virtual nanoseconds since the world began. */
  public long now() {
    return now;
  }

  Trace trace() {
    return trace;
  }

  /** Takes a note that counts as part of the trace. */
  void note(String what) {
    trace.add(now, what);
  }

  void after(long nanos, String what, Runnable then) {
    at(now + Math.max(0, nanos), what, then);
  }

  void at(long nanos, String what, Runnable then) {
    queue.add(new Planned(Math.max(now, nanos), planned++, what, then));
  }

  /** Lets the next event happen; false when there is none before that time. */
  boolean step(long until) {
    Planned next = queue.peek();
    if (next == null || next.at() > until) {
      now = Math.max(now, until);
      return false;
    }
    queue.poll();
    if (trace.count() > MOST_EVENTS) {
      throw new Violation("TimeGoesOn", MOST_EVENTS + " events, and still " + now + " ns");
    }
    now = next.at();
    trace.add(now, next.what());
    next.then().run();
    if (broken != null) {
      throw broken;
    }
    return true;
  }

  /** Something must never be and is, found where an exception would be swallowed. */
  void broken(Violation violation) {
    broken = violation;
  }

  /** Whether this fault strikes on this occasion. */
  boolean strikes(Fault fault, RandomGenerator random) {
    Double chance = options.chances().get(fault);
    boolean strikes = !calm && chance != null && random.nextDouble() < chance;
    if (strikes) {
      struck.merge(fault, 1L, Long::sum);
    }
    return strikes;
  }

  Without without() {
    return without;
  }

  /** Whether this rule is dropped. */
  boolean lacks(Rule rule) {
    return without.rules().contains(rule);
  }

  /** Is told of every fact as soon as it is on a disk. */
  void witness(BiConsumer<HostName, Fact> by) {
    witness = by;
  }

  void witnessed(HostName host, Fact fact) {
    witness.accept(host, fact);
  }

  boolean has(Fault fault) {
    return options.chances().containsKey(fault);
  }

  /** From now on nothing goes wrong any more. */
  void calmDown() {
    calm = true;
    note("faults stop");
  }

  boolean isCalm() {
    return calm;
  }

  /** How often each fault has struck. */
  Map<Fault, Long> struck() {
    return struck;
  }

  /** A time between the two, short ones as likely as long ones. */
  static long between(long least, long most, RandomGenerator random) {
    return (long) (least * Math.pow((double) most / least, random.nextDouble()));
  }
}

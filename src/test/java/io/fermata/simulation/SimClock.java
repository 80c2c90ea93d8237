package io.fermata.simulation;

import java.util.random.RandomGenerator;

/** One host's clocks: they begin anywhere, and go too fast or too slow by up to a fifth. */
final class SimClock {
  private static final long EPOCH = 1_800_000_000L * World.SECOND;

  private final World world;
  private final double rate;
  private final long offset;
  private long stepped;
  private long stood;
  private long standsFrom;
  private long standsUntil;

  SimClock(World world, String name) {
    RandomGenerator random = world.random("clock " + name);
    this.world = world;
    this.rate = world.has(Fault.CLOCK_RATE) ? 0.8 + 0.4 * random.nextDouble() : 1;
    this.offset =
        world.has(Fault.CLOCK_OFFSET)
            ? World.between(World.SECOND, 100_000 * World.SECOND, random)
            : 0;
  }

  /** Never steps back. */
  long monotonic() {
    return World.SECOND + offset + (long) ((world.now() - stood()) * rate);
  }

  /** From now on it stands still for so long, of the world's time. */
  void stand(long nanos) {
    stood = stood();
    standsFrom = world.now();
    standsUntil = world.now() + nanos;
  }

  private long stood() {
    return stood + Math.min(world.now(), standsUntil) - standsFrom;
  }

  /** What the wall clock says; it may step. */
  long epoch() {
    return EPOCH + offset / 1_000 + (long) (world.now() * rate) + stepped;
  }

  void step(long nanos) {
    stepped += nanos;
  }

  /** How much virtual time it takes until this clock has gone on by so much. */
  long virtual(long localNanos) {
    return (long) Math.ceil(localNanos / rate);
  }
}

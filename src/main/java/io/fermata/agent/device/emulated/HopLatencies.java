package io.fermata.agent.device.emulated;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long each kind of hop takes. No driver's absolute times are published, so every figure here
 * is an assumption; what is known is which hop of a driver costs the most.
 *
 * @param jitter how much longer a hop may take, as a share of its time: 0.1 adds 0 to 10 percent
 */
public record HopLatencies(
    @DefaultValue("0ms") Duration track,
    @DefaultValue("0ms") Duration quiesce,
    @DefaultValue("0ms") Duration freeze,
    @DefaultValue("0ms") Duration saveOpen,
    @DefaultValue("0ms") Duration saveClose,
    @DefaultValue("0ms") Duration loadOpen,
    @DefaultValue("0ms") Duration load,
    @DefaultValue("0ms") Duration thaw,
    @DefaultValue("0ms") Duration run,
    @DefaultValue("0") double jitter) {

  /** No time at all: a device whose hops cost only the calls. */
  public static final HopLatencies NONE = micros(0, 0, 0, 0, 0, 0);

  /** The six hops that a migration waits for; tracking and session hops cost what a run does. */
  public static HopLatencies micros(
      long quiesce, long freeze, long saveOpen, long load, long thaw, long run) {
    Duration small = us(run);
    return new HopLatencies(
        small, us(quiesce), us(freeze), us(saveOpen), small, small, us(load), us(thaw), small, 0);
  }

  private static Duration us(long micros) {
    return Duration.ofNanos(micros * 1_000);
  }

  /** How long this hop takes this time, in nanoseconds. */
  long nanos(HopKind kind, RandomGenerator random) {
    long nanos = of(kind).toNanos();
    return jitter <= 0 ? nanos : nanos + (long) (nanos * jitter * random.nextDouble());
  }

  private Duration of(HopKind kind) {
    return switch (kind) {
      case TRACK -> track;
      case QUIESCE -> quiesce;
      case FREEZE -> freeze;
      case SAVE_OPEN -> saveOpen;
      case SAVE_CLOSE -> saveClose;
      case LOAD_OPEN -> loadOpen;
      case LOAD -> load;
      case THAW -> thaw;
      case RUN -> run;
    };
  }
}

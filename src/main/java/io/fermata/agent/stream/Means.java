package io.fermata.agent.stream;

import io.fermata.agent.AgentPorts;
import io.fermata.agent.stream.tls.TlsDoor;
import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.Packing;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What every stream of one data plane shares.
 *
 * @param tls null where the streams are plain
 * @param tickets how many streams came in
 */
record Means(
    StreamSettings settings,
    AgentPorts.Clock clock,
    BufferPool buffers,
    Watch watch,
    Crew crew,
    Pace pace,
    @Nullable TlsDoor tls,
    Packs packs,
    AtomicLong tickets) {

  /**
   * A name that no other stream has: the clock never runs back, and the count tells those of one
   * moment apart.
   */
  String ticket() {
    return Long.toHexString(clock.nanos()) + "-" + Long.toHexString(tickets.incrementAndGet());
  }

  /** What this host speaks: only who may mend a stream says so, and the rest came later. */
  Frame.Versions versions() {
    return settings.resuming().isOn()
        ? Frame.Versions.OURS
        : new Frame.Versions(Frame.FIRST_VERSION, Frame.FIRST_VERSION);
  }

  /** What a source that speaks that version is told that it may pack with. */
  Set<Packing> packings(int version) {
    return version >= Frame.PACKING_VERSION ? packs.packings() : Set.of();
  }

  /** Milliseconds since that moment of the clock. */
  long millisSince(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(clock.nanos() - nanos);
  }
}

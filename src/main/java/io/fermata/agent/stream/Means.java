package io.fermata.agent.stream;

import io.fermata.agent.AgentPorts;
import io.fermata.agent.stream.tls.TlsDoor;
import io.fermata.handover.Epoch;
import io.fermata.handover.MigrationId;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What every stream of one data plane shares.
 *
 * @param tls null where the streams are plain
 * @param promises the highest epoch that this host has promised for a migration
 */
record Means(
    StreamSettings settings,
    AgentPorts.Clock clock,
    BufferPool buffers,
    Watch watch,
    Pace pace,
    @Nullable TlsDoor tls,
    Function<MigrationId, Epoch> promises) {

  /** Milliseconds since that moment of the clock. */
  long millisSince(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(clock.nanos() - nanos);
  }
}

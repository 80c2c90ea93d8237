package io.fermata.agent.stream;

import io.fermata.agent.AgentPorts;
import io.fermata.agent.stream.tls.TlsDoor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What every stream of one data plane shares.
 *
 * @param tls null where the streams are plain
 */
record Means(
    StreamSettings settings,
    AgentPorts.Clock clock,
    BufferPool buffers,
    Watch watch,
    Pace pace,
    @Nullable TlsDoor tls) {

  /** Milliseconds since that moment of the clock. */
  long millisSince(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(clock.nanos() - nanos);
  }
}

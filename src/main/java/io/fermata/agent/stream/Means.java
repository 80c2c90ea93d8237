package io.fermata.agent.stream;

import io.fermata.agent.AgentPorts;
import java.util.concurrent.TimeUnit;

/** What every stream of one data plane shares. */
record Means(
    StreamSettings settings, AgentPorts.Clock clock, BufferPool buffers, Watch watch, Pace pace) {

  /** Milliseconds since that moment of the clock. */
  long millisSince(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(clock.nanos() - nanos);
  }
}

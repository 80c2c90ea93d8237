package io.fermata.agent.device.emulated;

import static io.fermata.device.DeviceState.PRE_COPY;
import static io.fermata.device.DeviceState.PRE_COPY_P2P;
import static io.fermata.device.DeviceState.RESUMING;
import static io.fermata.device.DeviceState.RUNNING;
import static io.fermata.device.DeviceState.RUNNING_P2P;
import static io.fermata.device.DeviceState.STOP;
import static io.fermata.device.DeviceState.STOP_COPY;

import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import java.util.Map;

/** What a direct arc does to the session (the kernel's data_fd). */
enum SessionEffect {
  /** A new saving session, of a device that still runs. */
  OPENS_SAVE,
  /** A new saving session, of a device that is stopped: its end is known. */
  OPENS_LAST_SAVE,
  /** The session that pre-copy began goes on to its end. */
  FINISHES_SAVE,
  /** A new loading session. */
  OPENS_LOAD,
  /** The session is over: reads and writes answer ENODEV. */
  ENDS,
  /** None. */
  NONE;

  private static final Map<Hop, SessionEffect> TABLE =
      Map.ofEntries(
          Map.entry(new Hop(RUNNING, PRE_COPY), OPENS_SAVE),
          Map.entry(new Hop(RUNNING_P2P, PRE_COPY_P2P), OPENS_SAVE),
          Map.entry(new Hop(STOP, STOP_COPY), OPENS_LAST_SAVE),
          Map.entry(new Hop(PRE_COPY, STOP_COPY), FINISHES_SAVE),
          Map.entry(new Hop(PRE_COPY_P2P, STOP_COPY), FINISHES_SAVE),
          Map.entry(new Hop(STOP, RESUMING), OPENS_LOAD),
          Map.entry(new Hop(PRE_COPY, RUNNING), ENDS),
          Map.entry(new Hop(PRE_COPY_P2P, RUNNING_P2P), ENDS),
          Map.entry(new Hop(STOP_COPY, STOP), ENDS),
          Map.entry(new Hop(RESUMING, STOP), ENDS));

  /** The effect of a direct arc. */
  static SessionEffect of(DeviceState from, DeviceState to) {
    return TABLE.getOrDefault(new Hop(from, to), NONE);
  }
}

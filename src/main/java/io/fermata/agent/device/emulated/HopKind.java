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
import java.util.HashMap;
import java.util.Map;

/** What a direct arc makes the hardware do; hops of one kind take the same time. */
enum HopKind {
  /** Starts or ends the tracking of changes. */
  TRACK,
  /** Stops the device's own DMA and waits for what is under way. */
  QUIESCE,
  /** Stops everything. */
  FREEZE,
  /** Opens the saving session of a stopped device. */
  SAVE_OPEN,
  /** Ends the saving session. */
  SAVE_CLOSE,
  /** Opens the loading session. */
  LOAD_OPEN,
  /** Takes the image in and checks it. */
  LOAD,
  /** Lets a stopped device accept DMA again. */
  THAW,
  /** Lets a device issue DMA again. */
  RUN;

  private static final Map<Hop, HopKind> TABLE = new HashMap<>();

  static {
    row(TRACK, RUNNING, PRE_COPY);
    row(TRACK, RUNNING_P2P, PRE_COPY_P2P);
    row(TRACK, PRE_COPY, RUNNING);
    row(TRACK, PRE_COPY_P2P, RUNNING_P2P);
    row(QUIESCE, RUNNING, RUNNING_P2P);
    row(QUIESCE, PRE_COPY, PRE_COPY_P2P);
    row(FREEZE, RUNNING_P2P, STOP);
    row(FREEZE, RUNNING, STOP);
    row(FREEZE, PRE_COPY_P2P, STOP_COPY);
    row(FREEZE, PRE_COPY, STOP_COPY);
    row(SAVE_OPEN, STOP, STOP_COPY);
    row(SAVE_CLOSE, STOP_COPY, STOP);
    row(LOAD_OPEN, STOP, RESUMING);
    row(LOAD, RESUMING, STOP);
    row(THAW, STOP, RUNNING_P2P);
    row(THAW, STOP, RUNNING);
    row(RUN, RUNNING_P2P, RUNNING);
    row(RUN, PRE_COPY_P2P, PRE_COPY);
  }

  private static void row(HopKind kind, DeviceState from, DeviceState to) {
    TABLE.put(new Hop(from, to), kind);
  }

  /** The kind of a direct arc. */
  static HopKind of(DeviceState from, DeviceState to) {
    HopKind kind = TABLE.get(new Hop(from, to));
    if (kind == null) {
      throw new IllegalArgumentException("not a direct arc: " + from + "→" + to);
    }
    return kind;
  }
}

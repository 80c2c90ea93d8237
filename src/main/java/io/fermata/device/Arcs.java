package io.fermata.device;

import static io.fermata.device.DeviceState.PRE_COPY;
import static io.fermata.device.DeviceState.PRE_COPY_P2P;
import static io.fermata.device.DeviceState.RESUMING;
import static io.fermata.device.DeviceState.RUNNING;
import static io.fermata.device.DeviceState.RUNNING_P2P;
import static io.fermata.device.DeviceState.STOP;
import static io.fermata.device.DeviceState.STOP_COPY;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's arc table: which state the kernel goes to next on the way from one state to another
 * (uapi {@code vfio_mig_get_next_state}). A request for a distant state makes the kernel walk the
 * whole way on that device alone; that is the walk this program never asks for, and must be able to
 * name.
 *
 * <p>The table is that of a device with all capabilities. States that a device lacks are skipped,
 * as the kernel does.
 */
public final class Arcs {
  private static final Map<DeviceState, Map<DeviceState, DeviceState>> NEXT =
      new EnumMap<>(DeviceState.class);

  static {
    row(RUNNING, RUNNING_P2P, STOP, STOP_COPY, RESUMING, RUNNING_P2P, PRE_COPY_P2P);
    row(RUNNING, PRE_COPY, PRE_COPY);
    row(RUNNING_P2P, RUNNING, RUNNING, PRE_COPY);
    row(RUNNING_P2P, STOP, STOP, STOP_COPY, RESUMING);
    row(RUNNING_P2P, PRE_COPY_P2P, PRE_COPY_P2P);
    row(STOP, RUNNING_P2P, RUNNING, RUNNING_P2P, PRE_COPY, PRE_COPY_P2P);
    row(STOP, STOP_COPY, STOP_COPY);
    row(STOP, RESUMING, RESUMING);
    row(STOP_COPY, STOP, RUNNING, RUNNING_P2P, STOP, RESUMING);
    row(RESUMING, STOP, RUNNING, RUNNING_P2P, STOP, STOP_COPY, PRE_COPY, PRE_COPY_P2P);
    row(PRE_COPY, RUNNING, RUNNING, RUNNING_P2P, STOP, RESUMING);
    row(PRE_COPY, PRE_COPY_P2P, PRE_COPY_P2P, STOP_COPY);
    row(PRE_COPY_P2P, RUNNING_P2P, RUNNING, RUNNING_P2P, STOP, RESUMING);
    row(PRE_COPY_P2P, STOP_COPY, STOP_COPY);
    row(PRE_COPY_P2P, PRE_COPY, PRE_COPY);
  }

  private Arcs() {}

  private static void row(DeviceState from, DeviceState next, DeviceState... targets) {
    Map<DeviceState, DeviceState> cells =
        NEXT.computeIfAbsent(from, f -> new EnumMap<>(DeviceState.class));
    for (DeviceState target : targets) {
      cells.put(target, next);
    }
  }

  /**
   * The states that the kernel walks through, the target last. Empty when the device is there
   * already or when the kernel refuses the request (EINVAL); {@link #legal} tells the two apart.
   */
  public static List<DeviceState> path(DeviceState from, DeviceState to, Capabilities offered) {
    List<DeviceState> path = new ArrayList<>();
    if (!legal(from, to, offered)) {
      return path;
    }
    for (DeviceState at = from; at != to; ) {
      at = next(at, to, offered);
      path.add(at);
    }
    return path;
  }

  /** Whether the kernel takes the request at all: both states known, supported, and connected. */
  public static boolean legal(DeviceState from, DeviceState to, Capabilities offered) {
    boolean known = NEXT.containsKey(from) && NEXT.containsKey(to);
    boolean supported = known && offered.supports(from) && offered.supports(to);
    return supported && (from == to || cell(from, to) != null);
  }

  /** Whether one hop, with nothing in between, leads there on a device with these capabilities. */
  public static boolean direct(DeviceState from, DeviceState to, Capabilities offered) {
    return path(from, to, offered).size() == 1;
  }

  private static DeviceState next(DeviceState at, DeviceState to, Capabilities offered) {
    DeviceState next = cell(at, to);
    while (next != null && !offered.supports(next)) {
      next = cell(next, to);
    }
    if (next == null) {
      throw new IllegalStateException("the arc table has no way from " + at + " to " + to);
    }
    return next;
  }

  private static @Nullable DeviceState cell(DeviceState from, DeviceState to) {
    Map<DeviceState, DeviceState> row = NEXT.get(from);
    return row == null ? null : row.get(to);
  }
}

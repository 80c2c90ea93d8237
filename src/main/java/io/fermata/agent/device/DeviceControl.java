package io.fermata.agent.device;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.nio.ByteBuffer;

/**
 * One device as its driver offers it: the VFIO migration interface, call by call, with the kernel's
 * meaning.
 *
 * <p>Calls block for as long as the driver takes and cannot be interrupted; callers bring a
 * platform thread of their own. {@link #move} and {@link #state} are called from the device's
 * control thread, {@link #read}, {@link #write} and {@link #precopy} from its stream thread; an
 * implementation must bear both at once, as the kernel does. {@link #reset} may come from either.
 * Every failure is a {@link DeviceFault} with the errno.
 */
public interface DeviceControl extends AutoCloseable {

  /** The name on this host. */
  DeviceName name();

  /** Driver, model and the like; does not change while the device is open. */
  DeviceProfile profile();

  /** What the driver offers (feature 1, MIGRATION). */
  Capabilities capabilities();

  /** GET of feature 2, MIG_DEVICE_STATE. May wait for a SET that is under way. */
  DeviceState state();

  /**
   * SET of feature 2. Walks a combination arc if asked to, as the kernel does: what may be asked is
   * the caller's to decide. After a fault the device is anywhere on the way, or in ERROR.
   */
  void move(DeviceState to);

  /** VFIO_DEVICE_RESET: ends every session, loses the state, leaves the device in RUNNING. */
  void reset();

  /**
   * Feature 9, MIG_DATA_SIZE: the driver's estimate of the whole image, in bytes; callable in any
   * state.
   */
  long dataSize();

  /**
   * What pre-copy has left: VFIO_MIG_GET_PRECOPY_INFO on the session; only in PRE_COPY and
   * PRE_COPY_P2P.
   */
  PrecopyInfo precopy();

  /**
   * Reads from the saving session into the buffer.
   *
   * @return bytes read, more than 0; or 0 when there is nothing now: final in STOP_COPY, "drained
   *     for now" in PRE_COPY (drivers say that by 0 or by ENOMSG; both arrive here as 0)
   */
  int read(ByteBuffer into);

  /** Writes the whole buffer into the resuming session. */
  void write(ByteBuffer from);

  /** Lets go of the device. The kernel resets what nobody else holds. */
  @Override
  void close();

  /**
   * What pre-copy still has to read.
   *
   * @param initialBytes left of what the destination needs early
   * @param dirtyBytes changed since it was read
   * @param restarted new initial data appeared (REINIT): every earlier "ready to switch over" is
   *     void
   */
  record PrecopyInfo(long initialBytes, long dirtyBytes, boolean restarted) {}
}

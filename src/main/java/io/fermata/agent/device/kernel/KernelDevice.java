package io.fermata.agent.device.kernel;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceFault;
import io.fermata.agent.device.DeviceProfile;
import io.fermata.agent.device.Errno;
import io.fermata.device.Capabilities;
import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A VFIO device of this host. The kernel keeps the state; this keeps the one thing that the kernel
 * leaves to its user, the session's descriptor: taken over whenever a SET returns one, closed when
 * the session is over.
 *
 * <p>A session is over when the device is in a state that has none. Three calls can show that, on
 * any thread: a SET that succeeded, a GET, a reset. Each ends only the session that it saw before
 * it asked the kernel, so that it never ends one that was opened meanwhile.
 *
 * <p>Buffers must be direct.
 */
public final class KernelDevice implements DeviceControl {
  private static final Set<DeviceState> WITHOUT_SESSION =
      Set.of(DeviceState.RUNNING, DeviceState.RUNNING_P2P, DeviceState.STOP, DeviceState.ERROR);

  private final DeviceName name;
  private final Libc libc;
  private final DeviceFile file;
  private final DeviceProfile profile;
  private final Capabilities capabilities;
  private final boolean precopyFlagsValid;
  private final AtomicReference<@Nullable DataSession> session = new AtomicReference<>();

  private KernelDevice(DeviceName name, Libc libc, DeviceFile file, DeviceProfile profile) {
    this.name = name;
    this.libc = libc;
    this.file = file;
    this.profile = profile;
    this.capabilities = file.capabilities();
    this.precopyFlagsValid = capabilities.has(Capability.PRE_COPY) && file.optIntoPrecopyFlags();
  }

  /**
   * Opens a device and becomes its owner.
   *
   * @throws DeviceFault when it cannot be opened, is held by another, or cannot migrate (ENOTTY)
   */
  static KernelDevice open(DeviceName name, Libc libc, VfioNode node, Descriptor iommu) {
    DeviceFile file = DeviceFile.open(name, libc, node.path());
    try {
      file.bind(iommu);
      return new KernelDevice(name, libc, file, node.profile());
    } catch (DeviceFault fault) {
      file.end();
      throw fault;
    }
  }

  /**
   * A device whose open file came from somebody else; taken over, and closed if it cannot be used.
   *
   * @param iommu what it is bound to if it is not bound yet; null when only a bound one will do
   * @throws DeviceFault when it is not bound or cannot migrate (ENOTTY)
   */
  static KernelDevice over(
      DeviceFile file, Libc libc, DeviceProfile profile, @Nullable Descriptor iommu) {
    try {
      if (iommu != null && !file.isBound()) {
        file.bind(iommu);
      }
      return new KernelDevice(file.name(), libc, file, profile);
    } catch (DeviceFault fault) {
      file.end();
      throw fault;
    }
  }

  /** Runs a call that needs the descriptor's number; it stays open meanwhile. */
  long lend(Descriptor.Call call) {
    return file.lend(call);
  }

  @Override
  public DeviceName name() {
    return name;
  }

  @Override
  public DeviceProfile profile() {
    return profile;
  }

  @Override
  public Capabilities capabilities() {
    return capabilities;
  }

  @Override
  public DeviceState state() {
    DataSession before = session.get();
    DeviceState state = file.state();
    if (WITHOUT_SESSION.contains(state)) {
      end(before);
    }
    return state;
  }

  @Override
  public void move(DeviceState to) {
    if (to == DeviceState.UNKNOWN) {
      throw new IllegalArgumentException("no device can be asked to be in an unknown state");
    }
    DataSession before = session.get();
    DeviceFile.Moved moved = file.move(to);
    if (moved.session() >= 0) {
      // Even beside an errno: nobody else would ever close it.
      adopt(new DataSession(name, libc, moved.session()));
    } else if (moved.result() >= 0 && WITHOUT_SESSION.contains(to)) {
      end(before);
    }
    if (moved.result() < 0) {
      // Put together only here: the first concatenation of a process costs more than a hop.
      throw file.fault(moved.result(), "moving to " + to);
    }
  }

  @Override
  public void reset() {
    DataSession before = session.get();
    file.reset();
    end(before);
  }

  @Override
  public long dataSize() {
    return file.dataSize();
  }

  @Override
  public PrecopyInfo precopy() {
    return current("asking what pre-copy has left").precopy(precopyFlagsValid);
  }

  @Override
  public int read(ByteBuffer into) {
    return current("reading its state image").read(into);
  }

  @Override
  public void write(ByteBuffer from) {
    current("writing its state image").write(from);
  }

  /** Does not wait for a call that is under way: its thread closes the file when it comes back. */
  @Override
  public void close() {
    file.end();
    end(session.get());
  }

  private DataSession current(String attempted) {
    DataSession current = session.get();
    if (current == null) {
      throw new DeviceFault(name, Errno.ENODEV, attempted + ": it has no session");
    }
    return current;
  }

  private void adopt(DataSession opened) {
    DataSession replaced = session.getAndSet(opened);
    if (replaced != null) {
      replaced.end();
    }
    // In this order: a close that came between the SET and here did not see the session.
    if (file.hasEnded()) {
      end(opened);
    }
  }

  private void end(@Nullable DataSession over) {
    if (over != null) {
      session.compareAndSet(over, null);
      over.end();
    }
  }
}

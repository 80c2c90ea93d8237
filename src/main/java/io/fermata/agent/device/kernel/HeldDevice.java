package io.fermata.agent.device.kernel;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceFault;
import io.fermata.agent.device.DeviceProfile;
import io.fermata.agent.device.Errno;
import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A device of the settings, whether or not the agent has its descriptor now. Without one every call
 * is a fault and its state is not known; with one it is a {@link KernelDevice}.
 */
public final class HeldDevice implements DeviceControl {
  private static final DeviceProfile UNSEEN = new DeviceProfile("vfio", "unknown", "unknown", null);

  private final DeviceName name;
  private volatile @Nullable KernelDevice device;
  private volatile DeviceProfile profile = UNSEEN;
  private volatile String reason = "not held yet";

  HeldDevice(DeviceName name) {
    this.name = name;
  }

  /** Why there is no descriptor; empty when there is one. */
  public Optional<String> missing() {
    return device == null ? Optional.of(reason) : Optional.empty();
  }

  void is(DeviceProfile found) {
    profile = found;
  }

  void holds(KernelDevice now) {
    profile = now.profile();
    device = now;
  }

  void lacks(String why) {
    reason = why;
    KernelDevice before = device;
    device = null;
    if (before != null) {
      before.close();
    }
  }

  Optional<KernelDevice> held() {
    return Optional.ofNullable(device);
  }

  private KernelDevice current() {
    KernelDevice now = device;
    if (now == null) {
      throw new DeviceFault(name, Errno.ENXIO, "no descriptor: " + reason);
    }
    return now;
  }

  @Override
  public DeviceName name() {
    return name;
  }

  @Override
  public DeviceProfile profile() {
    return profile;
  }

  /** Nothing without a descriptor. */
  @Override
  public Capabilities capabilities() {
    return held().map(KernelDevice::capabilities).orElseGet(Capabilities::of);
  }

  @Override
  public DeviceState state() {
    return current().state();
  }

  @Override
  public void move(DeviceState to) {
    current().move(to);
  }

  @Override
  public void reset() {
    current().reset();
  }

  @Override
  public long dataSize() {
    return current().dataSize();
  }

  @Override
  public PrecopyInfo precopy() {
    return current().precopy();
  }

  @Override
  public int read(ByteBuffer into) {
    return current().read(into);
  }

  @Override
  public void write(ByteBuffer from) {
    current().write(from);
  }

  @Override
  public void close() {
    lacks("closed");
  }
}

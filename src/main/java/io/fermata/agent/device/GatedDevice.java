package io.fermata.agent.device;

import io.fermata.device.DeviceState;
import java.nio.ByteBuffer;

/**
 * A device whose calls do not return until they are let go. A test setting: no driver that is there
 * to be tried with hangs when it is told to.
 *
 * <p>The call hangs before the device is asked, so a device whose process is killed meanwhile has
 * not moved.
 */
public final class GatedDevice extends ForwardingDevice {
  private final Gates gates;

  /** Holds calls up. */
  public interface Gates {
    /** Returns when a hop into that state may be asked. */
    void awaitHop(DeviceState to);

    /** Returns when the image may be read on. */
    void awaitRead();
  }

  public GatedDevice(DeviceControl device, Gates gates) {
    super(device);
    this.gates = gates;
  }

  @Override
  public void move(DeviceState to) {
    gates.awaitHop(to);
    super.move(to);
  }

  @Override
  public int read(ByteBuffer into) {
    gates.awaitRead();
    return super.read(into);
  }
}

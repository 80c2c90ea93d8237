package io.fermata.agent.device;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.nio.ByteBuffer;

/** A device that hands every call on; what is built on it changes some of them, for a trial. */
abstract class ForwardingDevice implements DeviceControl {
  private final DeviceControl device;

  ForwardingDevice(DeviceControl device) {
    this.device = device;
  }

  @Override
  public DeviceName name() {
    return device.name();
  }

  @Override
  public DeviceProfile profile() {
    return device.profile();
  }

  @Override
  public Capabilities capabilities() {
    return device.capabilities();
  }

  @Override
  public DeviceState state() {
    return device.state();
  }

  @Override
  public void move(DeviceState to) {
    device.move(to);
  }

  @Override
  public void reset() {
    device.reset();
  }

  @Override
  public long dataSize() {
    return device.dataSize();
  }

  @Override
  public PrecopyInfo precopy() {
    return device.precopy();
  }

  @Override
  public int read(ByteBuffer into) {
    return device.read(into);
  }

  @Override
  public void write(ByteBuffer from) {
    device.write(from);
  }

  @Override
  public void close() {
    device.close();
  }
}

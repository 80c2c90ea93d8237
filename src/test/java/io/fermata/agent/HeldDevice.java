package io.fermata.agent;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceProfile;
import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;

/** A device of a parent whose hops take until they are let go. */
final class HeldDevice implements DeviceControl {
  final Semaphore asked = new Semaphore(0);
  final CountDownLatch release = new CountDownLatch(1);
  private final DeviceName name;
  private final DeviceProfile profile;
  private volatile DeviceState state = DeviceState.RUNNING;

  HeldDevice(String name, String parent) {
    this.name = new DeviceName(name);
    this.profile = new DeviceProfile("test", "held", "none", parent);
  }

  @Override
  public void move(DeviceState to) {
    asked.release();
    try {
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    state = to;
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
    return Capabilities.of();
  }

  @Override
  public DeviceState state() {
    return state;
  }

  @Override
  public void reset() {
    state = DeviceState.RUNNING;
  }

  @Override
  public long dataSize() {
    return 0;
  }

  @Override
  public PrecopyInfo precopy() {
    return new PrecopyInfo(0, 0, false);
  }

  @Override
  public int read(ByteBuffer into) {
    return 0;
  }

  @Override
  public void write(ByteBuffer from) {}

  @Override
  public void close() {}
}

package io.fermata.bench;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceProfile;
import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** A device that gives and takes from one block of memory: one copy, as a driver does. */
final class Memory implements DeviceControl {
  static final int BLOCK = 256 << 10;

  private final DeviceName name;
  private final ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
  private long left;

  Memory(DeviceName name, long bytes) {
    this.name = name;
    this.left = bytes;
  }

  /** From now on every other 64 bytes of what it gives are noise, and the rest zeros. */
  void halfNoise() {
    Random noise = new Random(1);
    byte[] bytes = new byte[BLOCK];
    noise.nextBytes(bytes);
    for (int at = 0; at < BLOCK; at += 128) {
      Arrays.fill(bytes, at, at + 64, (byte) 0);
    }
    block.put(0, bytes);
  }

  /** Has so many bytes to give once more. */
  void fill(long bytes) {
    left = bytes;
  }

  @Override
  public int read(ByteBuffer into) {
    int count = (int) Math.min(left, into.remaining());
    into.put(block.slice(0, count));
    left -= count;
    return count;
  }

  @Override
  public void write(ByteBuffer from) {
    block.clear().put(from);
  }

  @Override
  public DeviceName name() {
    return name;
  }

  @Override
  public DeviceProfile profile() {
    return new DeviceProfile("sim", "memory", "1", null);
  }

  @Override
  public Capabilities capabilities() {
    throw new IllegalStateException("not asked");
  }

  @Override
  public DeviceState state() {
    return DeviceState.STOP_COPY;
  }

  @Override
  public void move(DeviceState to) {
    throw new IllegalStateException("not asked");
  }

  @Override
  public void reset() {
    throw new IllegalStateException("not asked");
  }

  @Override
  public long dataSize() {
    return left;
  }

  @Override
  public PrecopyInfo precopy() {
    throw new IllegalStateException("not asked");
  }

  @Override
  public void close() {}
}

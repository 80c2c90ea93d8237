package io.fermata.agent.stream;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceFault;
import io.fermata.agent.device.DeviceProfile;
import io.fermata.agent.device.Errno;
import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A device that gives an image, or takes one. */
final class FakeDevice implements DeviceControl {
  /** How many threads are in a call. */
  final AtomicInteger inside = new AtomicInteger();

  final AtomicInteger reads = new AtomicInteger();
  final ByteArrayOutputStream written = new ByteArrayOutputStream();
  volatile DeviceState state;

  /** How often it was asked what pre-copy has left. */
  final AtomicInteger asked = new AtomicInteger();

  /** How much of the image pre-copy gives. */
  volatile int precopyBytes;

  /** Whether its driver says that it begins anew. */
  volatile boolean restarted;

  volatile int failWriteAt = Integer.MAX_VALUE;
  volatile int failReadAt = Integer.MAX_VALUE;

  /** Calls that move data wait for it. */
  volatile CountDownLatch hang = new CountDownLatch(0);

  /** Runs after a read has decided to answer 0, before it answers. */
  volatile Runnable whenDry = () -> {};

  String driver = "mlx5";
  private final DeviceName name;
  private final byte[] image;
  private final int readMost;
  private int at;

  FakeDevice(String name, DeviceState state, byte[] image, int readMost) {
    this.name = new DeviceName(name);
    this.state = state;
    this.image = image;
    this.readMost = readMost;
  }

  /** A source. */
  static FakeDevice giving(String name, DeviceState state, byte[] image) {
    return new FakeDevice(name, state, image, Integer.MAX_VALUE);
  }

  /** A destination. */
  static FakeDevice taking(String name) {
    return new FakeDevice(name, DeviceState.RESUMING, new byte[0], 0);
  }

  @Override
  public int read(ByteBuffer into) {
    reads.incrementAndGet();
    await();
    int end = state == DeviceState.STOP_COPY ? image.length : precopyBytes;
    int count = Math.min(Math.min(into.remaining(), readMost), end - at);
    if (at + count > failReadAt) {
      throw new DeviceFault(name, Errno.EIO, "reading");
    }
    if (count == 0) {
      whenDry.run();
      return 0;
    }
    into.put(image, at, count);
    at += count;
    return count;
  }

  @Override
  public void write(ByteBuffer from) {
    await();
    if (written.size() + from.remaining() > failWriteAt) {
      throw new DeviceFault(name, Errno.ENOMEM, "writing");
    }
    byte[] bytes = new byte[from.remaining()];
    from.get(bytes);
    written.writeBytes(bytes);
  }

  @Override
  public PrecopyInfo precopy() {
    asked.incrementAndGet();
    if (state != DeviceState.PRE_COPY) {
      throw new DeviceFault(name, Errno.EINVAL, "asking what pre-copy has left");
    }
    return new PrecopyInfo(0, precopyBytes - at, restarted);
  }

  private void await() {
    inside.incrementAndGet();
    try {
      hang.await();
    } catch (InterruptedException e) {
      throw new AssertionError("a device call was interrupted", e);
    } finally {
      inside.decrementAndGet();
    }
  }

  @Override
  public DeviceName name() {
    return name;
  }

  @Override
  public DeviceProfile profile() {
    return new DeviceProfile("sim", driver, "m", null);
  }

  @Override
  public Capabilities capabilities() {
    throw new AssertionError("streams do not ask");
  }

  @Override
  public DeviceState state() {
    throw new AssertionError("streams do not ask");
  }

  @Override
  public void move(DeviceState to) {
    throw new AssertionError("streams do not move devices");
  }

  @Override
  public void reset() {
    throw new AssertionError("streams do not reset devices");
  }

  @Override
  public long dataSize() {
    return image.length;
  }

  @Override
  public void close() {}
}

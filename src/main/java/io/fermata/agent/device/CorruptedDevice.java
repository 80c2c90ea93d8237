package io.fermata.agent.device;

import io.fermata.device.DeviceState;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A device whose image is spoilt as it is read. A test setting: checksums and digests are made over
 * what was read and so agree with it, and only the destination's driver can tell.
 */
public final class CorruptedDevice extends ForwardingDevice {
  private static final int BYTES_WITHHELD = 8;
  private static final Set<DeviceState> BETWEEN_IMAGES =
      EnumSet.of(DeviceState.RUNNING, DeviceState.RUNNING_P2P, DeviceState.STOP);

  private final Damage damage;
  private final AtomicLong given = new AtomicLong();

  /** What is done to each image. */
  public enum Damage {
    /** The first byte is inverted, and with it whatever the driver marks its images by. */
    FIRST_BYTE,
    /** The end comes 8 bytes before the size that the driver tells. */
    SHORT
  }

  public CorruptedDevice(DeviceControl device, Damage damage) {
    super(device);
    this.damage = damage;
  }

  @Override
  public void move(DeviceState to) {
    super.move(to);
    if (BETWEEN_IMAGES.contains(to)) {
      given.set(0);
    }
  }

  @Override
  public void reset() {
    super.reset();
    given.set(0);
  }

  @Override
  public int read(ByteBuffer into) {
    return switch (damage) {
      case FIRST_BYTE -> inverted(into);
      case SHORT -> cut(into);
    };
  }

  private int inverted(ByteBuffer into) {
    int at = into.position();
    int read = super.read(into);
    if (read > 0 && given.getAndAdd(read) == 0) {
      into.put(at, (byte) ~into.get(at));
    }
    return read;
  }

  private int cut(ByteBuffer into) {
    long left = dataSize() - BYTES_WITHHELD - given.get();
    if (left <= 0) {
      return 0;
    }
    int limit = into.limit();
    into.limit((int) Math.min(limit, into.position() + left));
    try {
      int read = super.read(into);
      given.addAndGet(read);
      return read;
    } finally {
      into.limit(limit);
    }
  }
}

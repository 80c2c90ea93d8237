package io.fermata.agent.stream;

import io.fermata.agent.device.DeviceControl;
import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A device and the right to stream with it, held by one thread at a time. A dropped stream may
 * still sit in a call of its device, which cannot be interrupted; the next one waits here until it
 * has left.
 */
final class Lane {
  private final DeviceControl device;
  private final ByteBuffer scratch;
  private final Semaphore free = new Semaphore(1);

  /**
   * @param scratch room for one piece, packed or not, for whoever holds the lane
   */
  Lane(DeviceControl device, ByteBuffer scratch) {
    this.device = device;
    this.scratch = scratch;
  }

  DeviceControl device() {
    return device;
  }

  /** Emptied; for the lane's holder. */
  ByteBuffer scratch() {
    return scratch.clear();
  }

  /** Whether the lane is now the caller's. */
  boolean enter(long millis) {
    try {
      return free.tryAcquire(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  void leave() {
    free.release();
  }
}

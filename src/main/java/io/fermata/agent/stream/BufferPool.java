package io.fermata.agent.stream;

import io.fermata.wire.frame.FrameBuffers;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;

/**
 * The direct buffers of one data plane, made at the start and used again for ever. Whoever finds
 * none free waits: that is the back pressure.
 *
 * <p>A buffer is taken for one frame and not for a stream, so that streams in pre-copy, which do
 * not end by themselves, cannot starve the others. Nobody waits for a second one while holding a
 * first. What is kept of frames that were sent has places of its own, and nobody waits for those:
 * so a stream that keeps much, or a peer that takes long, holds up no other one.
 */
final class BufferPool implements FrameBuffers {
  private final int count;
  private final int places;
  private final Semaphore permits;
  private final Semaphore keeping;
  private final ConcurrentLinkedDeque<ByteBuffer> free = new ConcurrentLinkedDeque<>();

  /**
   * @param count that may be in use at once
   * @param places for buffers that are kept besides
   */
  BufferPool(int count, int places, int bytes) {
    this.count = count;
    this.places = places;
    this.permits = new Semaphore(count);
    this.keeping = new Semaphore(places);
    for (int i = 0; i < count + places; i++) {
      free.add(ByteBuffer.allocateDirect(bytes));
    }
  }

  @Override
  public ByteBuffer take() {
    permits.acquireUninterruptibly();
    return free.removeFirst().clear(); // the one used last is the one still in the cache
  }

  @Override
  public void give(ByteBuffer buffer) {
    free.addFirst(buffer);
    permits.release();
  }

  /** Whether a taken buffer is now kept, and no longer counts as in use. */
  boolean keep() {
    boolean kept = keeping.tryAcquire();
    if (kept) {
      permits.release();
    }
    return kept;
  }

  /** Gives back one that was kept. */
  void giveKept(ByteBuffer buffer) {
    free.addFirst(buffer); // before the place is free: whoever gets it finds a buffer
    keeping.release();
  }

  /** How many are out. */
  int taken() {
    return count - permits.availablePermits() + places - keeping.availablePermits();
  }
}

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
 * first.
 */
final class BufferPool implements FrameBuffers {
  private final int count;
  private final Semaphore permits;
  private final ConcurrentLinkedDeque<ByteBuffer> free = new ConcurrentLinkedDeque<>();

  BufferPool(int count, int bytes) {
    this.count = count;
    this.permits = new Semaphore(count);
    for (int i = 0; i < count; i++) {
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

  /** How many are out. */
  int taken() {
    return count - permits.availablePermits();
  }
}

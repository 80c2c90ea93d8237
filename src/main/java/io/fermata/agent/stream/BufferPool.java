package io.fermata.agent.stream;

import io.fermata.wire.frame.FrameBuffers;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The direct buffers of one data plane, made at the start and used again for ever. Whoever finds
 * none free waits: that is the back pressure.
 *
 * <p>A buffer is taken for one frame and not for a stream, so that streams in pre-copy, which do
 * not end by themselves, cannot starve the others. One half is for what arrives, the other for what
 * leaves: who sends keeps a frame until the other host has it, and if both halves were one, two
 * hosts that send to each other could wait for each other for ever. Nobody waits for a buffer while
 * holding another one of the same half.
 */
final class BufferPool {
  private final Share arriving;
  private final Share leaving;

  /** One of the halves. */
  static final class Share implements FrameBuffers {
    private final int count;
    private final Semaphore permits;
    private final ConcurrentLinkedDeque<ByteBuffer> free = new ConcurrentLinkedDeque<>();

    private Share(int count, int bytes) {
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

    /** Null when none is free now. */
    @Nullable ByteBuffer tryTake() {
      return permits.tryAcquire() ? free.removeFirst().clear() : null;
    }

    @Override
    public void give(ByteBuffer buffer) {
      free.addFirst(buffer);
      permits.release();
    }

    private int taken() {
      return count - permits.availablePermits();
    }
  }

  BufferPool(int count, int bytes) {
    this.arriving = new Share(count / 2, bytes);
    this.leaving = new Share(count - count / 2, bytes);
  }

  /** For frames that come in. */
  Share arriving() {
    return arriving;
  }

  /** For frames that go out. */
  Share leaving() {
    return leaving;
  }

  /** How many are out. */
  int taken() {
    return arriving.taken() + leaving.taken();
  }
}

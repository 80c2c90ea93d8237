package io.fermata.agent.stream;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The frames that went out and are not known to be in the destination's device: what has to be sent
 * once more when the connection breaks, since a device gives each byte once.
 */
final class Window implements AutoCloseable {
  private final BufferPool.Share buffers;
  private final Deque<Held> held = new ArrayDeque<>();
  private long taken;

  /**
   * @param end how long the image is with this frame
   */
  private record Held(long end, ByteBuffer frame) {}

  /** What is done with a frame; it may move the buffer's position. */
  interface Use {
    void of(ByteBuffer frame);
  }

  Window(BufferPool.Share buffers) {
    this.buffers = buffers;
  }

  int frames() {
    return held.size();
  }

  /** Keeps a whole frame, from its start to its limit. */
  void add(ByteBuffer frame, long end) {
    held.addLast(new Held(end, frame));
  }

  /**
   * So many bytes of the image are in the destination's device.
   *
   * @throws StreamFault if they cannot be: fewer than before, more than were sent, or part of a
   *     frame
   */
  void taken(long bytes) {
    while (!held.isEmpty() && held.getFirst().end() <= bytes) {
      Held first = held.removeFirst();
      taken = first.end();
      buffers.give(first.frame());
    }
    if (taken != bytes) {
      throw new StreamFault(
          StreamFault.Code.OUT_OF_TURN,
          "the destination has taken %d bytes, but %d were the last that it could"
              .formatted(bytes, taken));
    }
  }

  /** All that is kept, oldest first. */
  void again(Use use) {
    for (Held each : held) {
      use.of(each.frame().rewind());
    }
  }

  /** Gives everything back. */
  @Override
  public void close() {
    held.forEach(each -> buffers.give(each.frame()));
    held.clear();
  }
}

package io.fermata.agent.stream;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What was sent and is not known to be in the destination's device, oldest first. The device gives
 * each byte once, and a broken connection swallows some: so frames are kept, as far as there is
 * room for them, until the destination has said that it took them.
 */
final class Window implements AutoCloseable {
  private final BufferPool buffers;
  private final int framesMost;
  private final ArrayDeque<Sent> sent = new ArrayDeque<>();
  private long taken;

  /**
   * One frame.
   *
   * @param end how long the image was with it
   * @param frame as it went out, or null where there was no room for it
   */
  private record Sent(long end, @Nullable ByteBuffer frame) {}

  /**
   * @param framesMost after so many the destination's word is waited for
   */
  Window(BufferPool buffers, int framesMost) {
    this.buffers = buffers;
    this.framesMost = framesMost;
  }

  boolean isFull() {
    return sent.size() >= framesMost;
  }

  /** How much the destination has said that it took. */
  long taken() {
    return taken;
  }

  /** Another frame goes out; answers whether its buffer is the window's now. */
  boolean add(ByteBuffer frame, long end) {
    boolean kept = buffers.keep();
    sent.addLast(new Sent(end, kept ? frame : null));
    return kept;
  }

  /** The destination has so much of the image in its device: whole frames, and never less. */
  void taken(long bytes) {
    long reached = taken;
    while (reached < bytes && !sent.isEmpty()) {
      Sent first = sent.removeFirst();
      reached = first.end();
      giveBack(first);
    }
    if (reached != bytes) {
      throw new StreamFault(
          StreamFault.Code.OUT_OF_TURN,
          "the destination says that it took %d bytes, which ends no frame".formatted(bytes));
    }
    taken = bytes;
  }

  /** Sends again what was not taken, in its order. */
  void again(Consumer<ByteBuffer> out) {
    if (sent.stream().anyMatch(frame -> frame.frame() == null)) {
      throw new StreamFault(
          StreamFault.Code.LOST, "the broken connection swallowed bytes that are not kept");
    }
    for (Sent each : sent) {
      if (each.frame() != null) {
        out.accept(each.frame().rewind());
      }
    }
  }

  private void giveBack(Sent frame) {
    if (frame.frame() != null) {
      buffers.giveKept(frame.frame());
    }
  }

  /** Gives back what is kept. */
  @Override
  public void close() {
    sent.forEach(this::giveBack);
    sent.clear();
  }
}

package io.fermata.agent.device.emulated;

import io.fermata.agent.device.DeviceControl.PrecopyInfo;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A saving session: header, blocks, end mark, in pieces of whatever size is asked for. What it
 * gives before the device is frozen is up to the profile's pre-copy; once {@link #finish finished}
 * it gives the rest, the end mark and then nothing more.
 */
final class SaveSession {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final Shape shape;
  private final DeviceMemory memory;
  private final Precopy precopy;
  private final Pace pace;
  private final long flippedAt;
  private final long endsAt;

  private boolean finishing;
  private boolean headerTaken;
  private boolean endTaken;
  private long position;
  private ByteBuffer words = NOTHING;
  private DeviceMemory.@Nullable Block block;
  private long blockAt;
  private volatile boolean over;

  SaveSession(
      Shape shape, DeviceMemory memory, Precopy precopy, Pace pace, @Nullable Fault imageFault) {
    this.shape = shape;
    this.memory = memory;
    this.precopy = precopy;
    this.pace = pace;
    long middle = shape.imageBytes() / 2;
    Fault.Kind wrong = imageFault == null ? null : imageFault.kind();
    this.flippedAt = wrong == Fault.Kind.FLIPPED_BIT ? middle : Long.MAX_VALUE;
    this.endsAt = wrong == Fault.Kind.SHORT_IMAGE ? middle : Long.MAX_VALUE;
    memory.track();
  }

  /** The device is frozen: what is left is all there will ever be. */
  synchronized void finish() {
    finishing = true;
  }

  void end() {
    over = true;
  }

  boolean isOver() {
    return over;
  }

  /** Fills the buffer with what there is now. */
  synchronized int read(ByteBuffer into) {
    int before = into.position();
    while (into.hasRemaining() && position < endsAt && hasPiece()) {
      int at = into.position();
      int length = (int) Math.min(into.remaining(), endsAt - position);
      int copied = copyPiece(into, length);
      if (flippedAt >= position && flippedAt < position + copied) {
        int wrong = at + (int) (flippedAt - position);
        into.put(wrong, (byte) (into.get(wrong) ^ 0x10));
      }
      position += copied;
    }
    return into.position() - before;
  }

  private int copyPiece(ByteBuffer into, int most) {
    if (words.hasRemaining()) {
      int length = Math.min(most, words.remaining());
      into.put(into.position(), words, words.position(), length);
      into.position(into.position() + length);
      words.position(words.position() + length);
      return length;
    }
    DeviceMemory.Block current = block;
    if (current == null) {
      return 0;
    }
    int length = (int) Math.min(most, blockLeft());
    Content.fill(into, length, blockAt, current.key());
    blockAt += length;
    if (blockLeft() == 0) {
      block = null;
    }
    return length;
  }

  private boolean hasPiece() {
    return words.hasRemaining() || block != null || nextPiece();
  }

  private boolean nextPiece() {
    if (!headerTaken) {
      headerTaken = finishing || precopy != Precopy.NOTHING;
      if (headerTaken) {
        words = new ImageHeader(shape, memory.identity(), memory.counter()).encoded();
      }
      return headerTaken;
    }
    DeviceMemory.Block next =
        finishing || precopy == Precopy.BLOCKS ? memory.take(pace.nanoTime()) : null;
    if (next != null) {
      words = new BlockHead(next.number(), next.version()).encoded();
      block = next;
      blockAt = 0;
      return true;
    }
    if (finishing && !endTaken) {
      endTaken = true;
      words = new BlockHead(BlockHead.END, memory.counter()).encoded();
      return true;
    }
    return false;
  }

  private long blockLeft() {
    DeviceMemory.Block current = block;
    return current == null ? 0 : shape.lengthOf(current.number()) - blockAt;
  }

  /** What the session still holds of what pre-copy gives. */
  synchronized PrecopyInfo left() {
    long begun = words.remaining() + blockLeft();
    boolean beganFirst = block == null || block.first();
    long initial = beganFirst ? begun : 0;
    long dirty = beganFirst ? 0 : begun;
    if (!headerTaken && precopy != Precopy.NOTHING) {
      initial += ImageHeader.BYTES;
    }
    if (precopy == Precopy.BLOCKS) {
      dirty += memory.writtenBytes(pace.nanoTime());
      initial += memory.unsentBytes();
    }
    return new PrecopyInfo(initial, dirty, false);
  }
}

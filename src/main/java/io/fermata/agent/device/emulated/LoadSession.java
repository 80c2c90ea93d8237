package io.fermata.agent.device.emulated;

import java.nio.ByteBuffer;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * A loading session: takes an image in pieces of any size and checks every byte as it comes. What
 * it made of it is asked for when the device leaves RESUMING, as most drivers do.
 */
final class LoadSession {
  private final Shape shape;
  private final long mostBytes;
  private final long[] versions;
  private final BitSet whole = new BitSet();
  private final ByteBuffer words = ByteBuffer.allocate(ImageHeader.BYTES);

  private long taken;
  private boolean broken;
  private boolean ended;
  private long counter;
  private @Nullable Identity identity;
  private @Nullable BlockHead block;
  private boolean blockRight;
  private long blockAt;
  private volatile boolean over;

  /**
   * @param mostBytes how large an image can be; without limit where blocks may come again
   */
  LoadSession(Shape shape, long mostBytes) {
    this.shape = shape;
    this.mostBytes = mostBytes;
    this.versions = new long[shape.blocks()];
    words.limit(ImageHeader.BYTES);
  }

  void end() {
    over = true;
  }

  boolean isOver() {
    return over;
  }

  /** Takes the whole buffer; false if these are more bytes than an image has. */
  synchronized boolean write(ByteBuffer from) {
    taken += from.remaining();
    if (taken > mostBytes) {
      return false;
    }
    while (from.hasRemaining() && !broken) {
      if (ended) {
        return false;
      }
      takePiece(from);
    }
    from.position(from.limit());
    return true;
  }

  private void takePiece(ByteBuffer from) {
    BlockHead current = block;
    if (current != null) {
      takeContent(from, current);
      return;
    }
    int length = Math.min(from.remaining(), words.remaining());
    words.put(words.position(), from, from.position(), length);
    words.position(words.position() + length);
    from.position(from.position() + length);
    if (!words.hasRemaining()) {
      words.flip();
      if (identity == null) {
        takeHeader();
      } else {
        takeHead();
      }
      words.clear().limit(BlockHead.BYTES);
    }
  }

  private void takeHeader() {
    ImageHeader header = ImageHeader.decoded(words);
    if (header == null || !header.shape().equals(shape)) {
      broken = true;
    } else {
      identity = header.identity();
    }
  }

  private void takeHead() {
    BlockHead head = BlockHead.decoded(words);
    if (head == null || head.block() < BlockHead.END || head.block() >= shape.blocks()) {
      broken = true;
    } else if (head.block() == BlockHead.END) {
      ended = true;
      counter = head.version();
    } else {
      block = head;
      blockAt = 0;
      blockRight = true;
    }
  }

  private void takeContent(ByteBuffer from, BlockHead head) {
    long length = shape.lengthOf(head.block());
    int here = (int) Math.min(from.remaining(), length - blockAt);
    long seed = identity == null ? 0 : identity.seed();
    blockRight &= Content.matches(from, here, blockAt, key(seed, head));
    blockAt += here;
    if (blockAt == length) {
      // A later block overrides an earlier one of the same number, for better and for worse.
      whole.set(head.block(), blockRight);
      versions[head.block()] = head.version();
      block = null;
    }
  }

  private static long key(long seed, BlockHead head) {
    return Content.key(seed, head.block(), head.version());
  }

  /** The guest whose image is coming in, as soon as the header is there. */
  synchronized @Nullable Identity incoming() {
    return identity;
  }

  /** The image, or null if it is not whole or not right. */
  synchronized @Nullable Contents verdict() {
    Identity whose = identity;
    boolean right = ended && !broken && whole.cardinality() == shape.blocks();
    return right && whose != null ? Contents.of(whose, counter, versions) : null;
  }
}

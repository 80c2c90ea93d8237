package io.fermata.agent.device.emulated;

import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The state inside a device: whose it is, a counter of its changes, and for each block the counter
 * at which it last changed. The bytes themselves follow from these, see {@link Content}.
 *
 * <p>While the device is {@link #live}, blocks are written at the dirty rate. One write in four
 * leaves the content as it was: a tracker that only knows "written" would send that block again.
 */
final class DeviceMemory {
  private static final int SAME_CONTENT_ONE_IN = 4;

  private final Shape shape;
  private final RandomGenerator random;
  private final double blocksPerNano;
  private final Kept kept;

  private Identity identity = Identity.BLANK;
  private long counter;
  private final long[] versions;

  private boolean live;
  private long writtenUntil;
  private double writesOwed;

  /** Blocks that this saving session has never sent, and those written since it sent them. */
  private final BitSet unsent = new BitSet();

  private final BitSet written = new BitSet();
  private final long[] sentKeys;
  private long unchangedSkipped;

  /** One block as it is now. */
  record Block(int number, long version, long key, boolean first) {}

  DeviceMemory(Shape shape, long dirtyBytesPerSecond, RandomGenerator random) {
    this(shape, dirtyBytesPerSecond, random, Kept.NOWHERE);
  }

  DeviceMemory(Shape shape, long dirtyBytesPerSecond, RandomGenerator random, Kept kept) {
    this.shape = shape;
    this.kept = kept;
    this.random = random;
    this.blocksPerNano =
        (double) dirtyBytesPerSecond / shape.blockBytes() / TimeUnit.SECONDS.toNanos(1);
    this.versions = new long[shape.blocks()];
    this.sentKeys = new long[shape.blocks()];
  }

  /** Forgets everything; what comes in is that state. */
  synchronized void adopt(Contents contents) {
    identity = contents.identity();
    counter = contents.counter();
    Arrays.setAll(versions, contents.versions()::get);
    kept.contents(identity, counter, versions);
    live = false;
    writesOwed = 0;
  }

  /** Forgets everything: as after a reset. */
  void clear() {
    adopt(Contents.of(Identity.BLANK, 0, new long[versions.length]));
  }

  synchronized Identity identity() {
    return identity;
  }

  synchronized long counter() {
    return counter;
  }

  synchronized Contents contents() {
    return Contents.of(identity, counter, versions);
  }

  /** Written at the dirty rate from now on, or no longer. */
  synchronized void live(boolean nowLive, long nowNanos) {
    write(nowNanos);
    live = nowLive;
  }

  /** So many changes. */
  synchronized void change(long times, long nowNanos) {
    write(nowNanos);
    counter += times;
    kept.counter(counter);
    if (versions.length == 1) {
      versions[0] = counter;
      kept.version(0, counter);
      written.set(0);
    }
  }

  private void write(long nowNanos) {
    if (live && !identity.isBlank() && versions.length > 1) {
      writesOwed += (nowNanos - writtenUntil) * blocksPerNano;
      // After a long rest every block has been written anyway; more draws would change nothing.
      writesOwed = Math.min(writesOwed, 4.0 * versions.length);
      for (; writesOwed >= 1; writesOwed--) {
        writeOne();
      }
    }
    writtenUntil = nowNanos;
  }

  private void writeOne() {
    int block = random.nextInt(versions.length);
    written.set(block);
    if (random.nextInt(SAME_CONTENT_ONE_IN) != 0) {
      counter++;
      versions[block] = counter;
      kept.counter(counter);
      kept.version(block, counter);
    }
  }

  /** A new saving session: nothing has been sent. */
  synchronized void track() {
    unsent.set(0, versions.length);
    written.clear();
    unchangedSkipped = 0;
  }

  /** The next block to send, or null if the other side has them all as they are now. */
  synchronized @Nullable Block take(long nowNanos) {
    write(nowNanos);
    int first = unsent.nextSetBit(0);
    if (first >= 0) {
      unsent.clear(first);
      written.clear(first);
      return sent(first, true);
    }
    for (int i = written.nextSetBit(0); i >= 0; i = written.nextSetBit(i + 1)) {
      written.clear(i);
      if (key(i) != sentKeys[i]) {
        return sent(i, false);
      }
      unchangedSkipped++;
    }
    return null;
  }

  private Block sent(int block, boolean first) {
    sentKeys[block] = key(block);
    return new Block(block, versions[block], sentKeys[block], first);
  }

  private long key(int block) {
    return Content.key(identity.seed(), block, versions[block]);
  }

  /** Bytes that this session has never sent. */
  synchronized long unsentBytes() {
    return bytesOf(unsent);
  }

  /** Bytes written since this session sent them, as far as tracking without hashes can tell. */
  synchronized long writtenBytes(long nowNanos) {
    write(nowNanos);
    BitSet again = (BitSet) written.clone();
    again.andNot(unsent);
    return bytesOf(again);
  }

  private long bytesOf(BitSet blocks) {
    return blocks.stream().mapToLong(i -> shape.lengthOf(i) + BlockHead.BYTES).sum();
  }

  /** How many written blocks were not sent again because their hash had not changed. */
  synchronized long unchangedSkipped() {
    return unchangedSkipped;
  }
}

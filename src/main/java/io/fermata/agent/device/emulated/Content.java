package io.fermata.agent.device.emulated;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What stands in a device's state: pseudo-random words that follow from a key, so that the side
 * that loads can tell right bytes from wrong ones without having seen them. One fixed pattern,
 * repeated, every word xor-ed with the key: as cheap as copying memory.
 */
final class Content {
  private static final int WORDS = 1 << 12;
  private static final long[] PATTERN = new long[WORDS];

  static {
    for (int i = 0; i < WORDS; i++) {
      PATTERN[i] = mix(i);
    }
  }

  private Content() {}

  /** Spreads a number over 64 bits (the finalizer of SplitMix64). */
  static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** The key of one block at one version. */
  static long key(long seed, long block, long version) {
    return mix(seed ^ mix(block ^ mix(version)));
  }

  /** Writes the next bytes of the content, from that offset of the block on. */
  static void fill(ByteBuffer into, int length, long offset, long key) {
    ByteOrder before = into.order();
    into.order(ByteOrder.LITTLE_ENDIAN);
    long at = offset;
    long end = offset + length;
    for (; at < end && (at & 7) != 0; at++) {
      into.put(byteAt(at, key));
    }
    int index = into.position();
    for (; at + 8 <= end; at += 8, index += 8) {
      into.putLong(index, PATTERN[(int) (at >>> 3) & (WORDS - 1)] ^ key);
    }
    into.position(index);
    for (; at < end; at++) {
      into.put(byteAt(at, key));
    }
    into.order(before);
  }

  /** Takes the next bytes and tells whether they are the content from that offset on. */
  static boolean matches(ByteBuffer from, int length, long offset, long key) {
    ByteOrder before = from.order();
    from.order(ByteOrder.LITTLE_ENDIAN);
    long wrong = 0;
    long at = offset;
    long end = offset + length;
    for (; at < end && (at & 7) != 0; at++) {
      wrong |= from.get() ^ byteAt(at, key);
    }
    int index = from.position();
    for (; at + 8 <= end; at += 8, index += 8) {
      wrong |= from.getLong(index) ^ PATTERN[(int) (at >>> 3) & (WORDS - 1)] ^ key;
    }
    from.position(index);
    for (; at < end; at++) {
      wrong |= from.get() ^ byteAt(at, key);
    }
    from.order(before);
    return wrong == 0;
  }

  private static byte byteAt(long offset, long key) {
    long word = PATTERN[(int) (offset >>> 3) & (WORDS - 1)] ^ key;
    return (byte) (word >>> ((offset & 7) * 8));
  }
}

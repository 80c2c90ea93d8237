package io.fermata.agent.stream;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Length and digest of an image, counted as it passes by. */
final class ImageSum {
  private final Kind kind;
  private final MessageDigest digest = sha256();
  private final ByteBuffer frame = ByteBuffer.allocate(2 * Integer.BYTES);
  private long bytes;

  /** What the digest is made over. */
  enum Kind {
    /** SHA-256 over every byte. */
    SHA_256,
    /**
     * SHA-256 over length and CRC32C of each frame, in their order: no frame is missing, doubled or
     * in another place, and within a frame the CRC32C tells what changed by accident.
     */
    FRAME_SUMS
  }

  ImageSum(Kind kind) {
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }

  /** Counts a frame's payload, from position to limit; moves neither. */
  void add(ByteBuffer piece, int crc) {
    bytes += piece.remaining();
    switch (kind) {
      // A direct buffer is copied to the heap in pieces that fit the first cache: measured as fast
      // as a heap array, which in turn would cost a copy at the socket and at the device.
      case SHA_256 -> digest.update(piece.duplicate());
      case FRAME_SUMS -> digest.update(frame.clear().putInt(piece.remaining()).putInt(crc).flip());
    }
  }

  long bytes() {
    return bytes;
  }

  /** Lower-case hexadecimal; once, at the end. */
  String sha256Hex() {
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform must have SHA-256", e);
    }
  }
}

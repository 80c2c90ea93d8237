package io.fermata.agent.stream;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Length and SHA-256 of an image, counted as it passes by. */
final class ImageSum {
  private final MessageDigest digest = sha256();
  private long bytes;

  /** Counts from position to limit; moves neither. */
  void add(ByteBuffer piece) {
    bytes += piece.remaining();
    // A direct buffer is copied to the heap in pieces that fit the first cache: measured as fast as
    // a heap array, which in turn would cost a copy at the socket and at the device.
    digest.update(piece.duplicate());
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

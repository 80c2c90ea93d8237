package io.fermata.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names of traces and spans as W3C writes them. A migration is one attempt and one trace, whose id
 * is a digest of the migration's: every process knows it, also after a restart, and nobody has to
 * keep it.
 */
public final class TraceId {
  private static final int TRACE_BYTES = 16;
  private static final int SPAN_BYTES = 8;

  private TraceId() {}

  /** The trace of a migration: 32 hex digits. */
  public static String of(String migration) {
    return HexFormat.of().formatHex(digest("trace " + migration), 0, TRACE_BYTES);
  }

  /** A span in it, named by what it is: 16 hex digits. */
  public static String span(String migration, String what) {
    return HexFormat.of().formatHex(digest("span " + migration + " " + what), 0, SPAN_BYTES);
  }

  /** The header {@code traceparent} of a request about a migration; always sampled. */
  public static String parent(String migration, String what) {
    return "00-" + of(migration) + "-" + span(migration, what) + "-01";
  }

  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}

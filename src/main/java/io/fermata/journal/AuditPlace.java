package io.fermata.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;

/** A place in the list of audit records, newest first: just after that record. */
public record AuditPlace(long timeMillis, String chain, long number) {
  /** The place after the last record of a page. */
  public static AuditPlace after(Audited last) {
    return new AuditPlace(last.record().timeMillis(), last.chain(), last.number());
  }

  /**
   * Reads what {@link #text} wrote.
   *
   * @throws IllegalArgumentException if it is not a cursor of ours
   */
  public static AuditPlace parse(String text) {
    String[] parts = new String(Base64.getUrlDecoder().decode(text), UTF_8).split("\n", 3);
    if (parts.length < 3) {
      throw new IllegalArgumentException("not a cursor: " + text);
    }
    return new AuditPlace(Long.parseLong(parts[0]), parts[2], Long.parseLong(parts[1]));
  }

  /** The opaque form that callers hand back. */
  public String text() {
    byte[] plain = (timeMillis + "\n" + number + "\n" + chain).getBytes(UTF_8);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(plain);
  }
}

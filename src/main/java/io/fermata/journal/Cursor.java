package io.fermata.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;

/**
 * A place in the list of rows: just after the row that was created then, under that id. It names a
 * row and not a count, so rows that are inserted meanwhile shift nothing.
 */
public record Cursor(long createdMillis, String id) {
  /** The place after the last row of a page. */
  public static Cursor after(Row row) {
    return new Cursor(row.createdMillis(), row.id());
  }

  /**
   * Reads what {@link #text} wrote.
   *
   * @throws IllegalArgumentException if it is not a cursor of ours
   */
  public static Cursor parse(String text) {
    String plain = new String(Base64.getUrlDecoder().decode(text), UTF_8);
    int dot = plain.indexOf('.');
    if (dot < 0) {
      throw new IllegalArgumentException("not a cursor: " + text);
    }
    return new Cursor(Long.parseLong(plain.substring(0, dot)), plain.substring(dot + 1));
  }

  /** The opaque form that callers hand back. */
  public String text() {
    byte[] plain = (createdMillis + "." + id).getBytes(UTF_8);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(plain);
  }

  /** Whether a row stands behind this place in a list that shows the newest first. */
  public boolean isBefore(Row row) {
    return row.createdMillis() < createdMillis
        || (row.createdMillis() == createdMillis && row.id().compareTo(id) < 0);
  }
}

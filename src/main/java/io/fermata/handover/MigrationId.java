package io.fermata.handover;

import java.util.regex.Pattern;

/** Names one attempt to move one set; also the claim on either host. */
public record MigrationId(String value) implements Comparable<MigrationId> {
  private static final Pattern ALLOWED = Pattern.compile("[a-z0-9]{4,40}");

  public MigrationId {
    if (!ALLOWED.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "a migration id has 4 to 40 lower-case letters and digits");
    }
  }

  @Override
  public int compareTo(MigrationId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}

package io.fermata.drain;

import java.util.regex.Pattern;

/** Names one evacuation of one host. */
public record DrainId(String value) implements Comparable<DrainId> {
  private static final Pattern ALLOWED = Pattern.compile("[a-z0-9]{4,40}");

  public DrainId {
    if (!ALLOWED.matcher(value).matches()) {
      throw new IllegalArgumentException("a drain id has 4 to 40 lower-case letters and digits");
    }
  }

  @Override
  public int compareTo(DrainId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}

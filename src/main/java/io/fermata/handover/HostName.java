package io.fermata.handover;

import java.util.regex.Pattern;

/** A host as the inventory names it. */
public record HostName(String value) implements Comparable<HostName> {
  private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]{0,62}");

  public HostName {
    if (!ALLOWED.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "a host name has 1 to 63 letters, digits, dots and hyphens, the first no dot or hyphen");
    }
  }

  @Override
  public int compareTo(HostName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}

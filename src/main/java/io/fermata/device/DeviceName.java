package io.fermata.device;

import java.util.regex.Pattern;

/**
 * A device's name on its host: what an operator types, such as {@code gpu0} or {@code
 * 0000:06:0d.0}.
 */
public record DeviceName(String value) implements Comparable<DeviceName> {
  private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0,63}");

  public DeviceName {
    if (!ALLOWED.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "a device name has 1 to 64 letters, digits and ._:- and starts with a letter or digit");
    }
  }

  @Override
  public int compareTo(DeviceName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}

package io.fermata.api.text;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Spans of time and amounts as people read them. */
public final class Times {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

  private Times() {}

  /** Such as 850ms, 4.1s, 4m12s, 2h05m, 3d04h; a question mark for null. */
  public static String span(@Nullable Long millis) {
    if (millis == null) {
      return "?";
    }
    long seconds = millis / 1000;
    if (millis < 1000) {
      return Math.max(0, millis) + "ms";
    }
    if (seconds < 60) {
      return String.format(Locale.ROOT, "%d.%ds", seconds, millis % 1000 / 100);
    }
    if (seconds < 3600) {
      return String.format(Locale.ROOT, "%dm%02ds", seconds / 60, seconds % 60);
    }
    if (seconds < 86_400) {
      return String.format(Locale.ROOT, "%dh%02dm", seconds / 3600, seconds % 3600 / 60);
    }
    return String.format(Locale.ROOT, "%dd%02dh", seconds / 86_400, seconds % 86_400 / 3600);
  }

  /** Such as 16.0 MiB; a question mark for null. */
  public static String bytes(@Nullable Long bytes) {
    if (bytes == null) {
      return "?";
    }
    double amount = bytes;
    int unit = 0;
    while (amount >= 1024 && unit < UNITS.length - 1) {
      amount /= 1024;
      unit++;
    }
    return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", amount, UNITS[unit]);
  }

  /** Milliseconds without needless digits; a question mark for null. */
  public static String millis(@Nullable Double millis) {
    if (millis == null) {
      return "?";
    }
    return String.format(Locale.ROOT, Math.abs(millis) < 10 ? "%.1f" : "%.0f", millis);
  }
}

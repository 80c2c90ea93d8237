package io.fermata.api.request;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations such as {@code 30s} and moments such as {@code 6h} ago, as people type them. */
public final class Moment {
  private static final Pattern SHORT = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");

  private Moment() {}

  /**
   * A duration: {@code 500ms}, {@code 30s}, {@code 5m}, {@code 6h}, {@code 2d}, or ISO-8601.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Duration duration(String text) {
    Matcher matcher = SHORT.matcher(text);
    if (matcher.matches()) {
      long count = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "ms" -> Duration.ofMillis(count);
        case "s" -> Duration.ofSeconds(count);
        case "m" -> Duration.ofMinutes(count);
        case "h" -> Duration.ofHours(count);
        default -> Duration.ofDays(count);
      };
    }
    try {
      Duration parsed = Duration.parse(text);
      if (!parsed.isNegative()) {
        return parsed;
      }
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("must be a duration such as 500ms, 30s, 5m or 6h", e);
    }
    throw new IllegalArgumentException("must not be negative");
  }

  /**
   * Epoch milliseconds of an ISO-8601 time with its offset, or of that long before {@code now}.
   *
   * @throws IllegalArgumentException if it is neither
   */
  public static long millis(String text, Instant now) {
    if (SHORT.matcher(text).matches() || text.startsWith("P")) {
      return now.minus(duration(text)).toEpochMilli();
    }
    try {
      // In a query string a plus means a space: the offset +02:00 arrives as " 02:00".
      return OffsetDateTime.parse(text.replace(' ', '+')).toInstant().toEpochMilli();
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "must be a time such as 2026-11-23T04:00:00Z, or how long ago, such as 6h", e);
    }
  }
}

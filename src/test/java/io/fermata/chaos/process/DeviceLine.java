package io.fermata.chaos.process;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line that an emulated device wrote when it did or suffered something.
 *
 * @param nanos by the machine's monotonic clock, the same one for every process here
 */
public record DeviceLine(
    long nanos,
    String host,
    String kind,
    String device,
    String from,
    String to,
    String guest,
    long counter) {
  private static final Pattern SHAPE =
      Pattern.compile(
          "\\{\"t\":(\\d+),\"host\":\"([^\"]*)\",\"kind\":\"([^\"]*)\",\"device\":\"([^\"]*)\","
              + "\"from\":\"([^\"]*)\",\"to\":\"([^\"]*)\",(?:\"peer\":\"[^\"]*\",)?"
              + "\"guest\":\"([^\"]*)\",\"counter\":(\\d+)}");

  /** Empty for a line that a killed process did not finish. */
  public static Optional<DeviceLine> of(String line) {
    Matcher m = SHAPE.matcher(line);
    return m.matches()
        ? Optional.of(
            new DeviceLine(
                Long.parseLong(m.group(1)),
                m.group(2),
                m.group(3),
                m.group(4),
                m.group(5),
                m.group(6),
                m.group(7),
                Long.parseLong(m.group(8))))
        : Optional.empty();
  }
}

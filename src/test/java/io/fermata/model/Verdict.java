package io.fermata.model;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What TLC said about one configuration.
 *
 * @param name of the run
 * @param violated the invariant by name, {@link #LIVENESS}, {@link #DEADLOCK}, or {@link #NOTHING}
 * @param states distinct states found until the end or the violation
 * @param depth of the search, or the states of the counterexample
 * @param took wall-clock time, the start of the JVM included
 * @param output all of it
 */
record Verdict(String name, String violated, long states, int depth, Duration took, String output) {
  static final String NOTHING = "nothing";
  static final String LIVENESS = "a temporal property";
  static final String DEADLOCK = "deadlock";
  static final String NO_VERDICT = "no verdict";

  private static final Pattern INVARIANT = Pattern.compile("Error: Invariant (\\w+) is violated");
  private static final Pattern STATES =
      Pattern.compile("(\\d+) distinct states found, \\d+ states");
  private static final Pattern DEPTH = Pattern.compile("graph search is (\\d+)");
  private static final Pattern STATE = Pattern.compile("(?m)^State (\\d+):");

  static Verdict of(String name, String output, Duration took) {
    String violated = violated(output);
    Pattern depth = violated.equals(NOTHING) ? DEPTH : STATE;
    return new Verdict(
        name, violated, last(STATES, output), (int) last(depth, output), took, output);
  }

  private static String violated(String output) {
    Matcher invariant = INVARIANT.matcher(output);
    if (invariant.find()) {
      return invariant.group(1);
    }
    if (output.contains("Error: Temporal properties were violated")) {
      return LIVENESS;
    }
    if (output.contains("Error: Deadlock reached")) {
      return DEADLOCK;
    }
    return output.contains("No error has been found") ? NOTHING : NO_VERDICT;
  }

  private static long last(Pattern pattern, String output) {
    return pattern
        .matcher(output)
        .results()
        .mapToLong(found -> Long.parseLong(found.group(1)))
        .reduce(0, (first, second) -> second);
  }

  /** One row of the table in the report. */
  String row() {
    return "| %s | %s | %,d | %d | %.1f |"
        .formatted(name, violated, states, depth, took.toMillis() / 1000.0);
  }
}

package io.fermata.bench;

import java.util.List;
import java.util.Locale;

/**
 * One figure of a run.
 *
 * @param value the median
 * @param least the smallest of the samples, most the largest
 * @param baseline what it is held against in the same run, or what was measured beside it
 * @param target as a bound of the value, such as {@code <= 3}; {@code -} for none
 */
public record Figure(
    String name,
    double value,
    double least,
    double most,
    String unit,
    String baseline,
    String target) {
  private static final String MARK = "FIGURE\t";

  /** The given percentile of the samples, with their spread. */
  public static Figure of(
      String name, int percent, List<Double> samples, String unit, String baseline, String target) {
    List<Double> sorted = samples.stream().sorted().toList();
    return new Figure(
        name, at(percent, sorted), sorted.getFirst(), sorted.getLast(), unit, baseline, target);
  }

  /** The given percentile of the samples. */
  public static double at(int percent, List<Double> samples) {
    List<Double> sorted = samples.stream().sorted().toList();
    return sorted.get(Math.max(0, (int) Math.ceil(percent / 100.0 * sorted.size()) - 1));
  }

  /** Told to the process that collects. */
  public void tell() {
    System.out.printf(
        Locale.ROOT,
        "%s%s\t%.6f\t%.6f\t%.6f\t%s\t%s\t%s%n",
        MARK,
        name,
        value,
        least,
        most,
        unit,
        baseline,
        target);
    System.out.flush();
  }

  static boolean isOne(String line) {
    return line.startsWith(MARK);
  }

  static Figure read(String line) {
    String[] part = line.substring(MARK.length()).split("\t", -1);
    return new Figure(
        part[0],
        Double.parseDouble(part[1]),
        Double.parseDouble(part[2]),
        Double.parseDouble(part[3]),
        part[4],
        part[5],
        part[6]);
  }

  /** {@code met}, {@code missed}, or {@code -} where there is no target. */
  String verdict() {
    if (target.equals("-")) {
      return "-";
    }
    String[] bound = target.split(" ");
    double limit = Double.parseDouble(bound[1]);
    boolean met = bound[0].equals("<=") ? value <= limit : value >= limit;
    return met ? "met" : "missed";
  }

  String line() {
    return String.format(
        Locale.ROOT,
        "%-58s %10.3f %-6s [%8.3f ..%9.3f] %-34s %-9s %s",
        name,
        value,
        unit,
        least,
        most,
        baseline,
        target,
        verdict());
  }

  String json() {
    return String.format(
        Locale.ROOT,
        "{\"name\":\"%s\",\"value\":%.6f,\"least\":%.6f,\"most\":%.6f,\"unit\":\"%s\","
            + "\"baseline\":\"%s\",\"target\":\"%s\",\"verdict\":\"%s\"}",
        name,
        value,
        least,
        most,
        unit,
        baseline,
        target,
        verdict());
  }
}

package io.fermata.scale;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The figures of a run: a table for people, a file for programs. */
final class Results {
  private final List<Line> lines = new ArrayList<>();

  /**
   * One figure.
   *
   * @param target what it should be, such as {@code <= 100}; empty for none
   */
  private record Line(String name, String value, String unit, String target, boolean met) {
    String row() {
      String verdict = target.isEmpty() ? "" : met ? "met" : "MISSED";
      return "%-66s %12s %-7s %-9s %s".formatted(name, value, unit, target, verdict);
    }

    String json() {
      return "{\"name\":\"%s\",\"value\":%s,\"unit\":\"%s\",\"target\":\"%s\",\"met\":%b}"
          .formatted(name, value, unit, target, met);
    }
  }

  void add(String name, double value, String unit) {
    add(new Line(name, number(value), unit, "", true));
  }

  void atMost(String name, double value, String unit, double most) {
    add(new Line(name, number(value), unit, "<= " + number(most), value <= most));
  }

  void exactly(String name, double value, String unit, double wanted) {
    add(new Line(name, number(value), unit, "= " + number(wanted), value == wanted));
  }

  /** The median and the 99th percentile, both under one bound. */
  void spread(String name, List<Double> samples, String unit, double most) {
    atMost(name + ", median", at(50, samples), unit, most);
    atMost(name + ", p99", at(99, samples), unit, most);
  }

  private void add(Line line) {
    lines.add(line);
    System.out.println(line.row());
  }

  boolean met() {
    return lines.stream().allMatch(Line::met);
  }

  static double at(int percent, List<Double> samples) {
    List<Double> sorted = samples.stream().sorted().toList();
    return sorted.get(Math.max(0, (int) Math.ceil(percent / 100.0 * sorted.size()) - 1));
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.valueOf((long) value)
        : String.format(Locale.ROOT, "%.2f", value);
  }

  void write(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(
        file,
        lines.stream().map(Line::json).collect(Collectors.joining(",\n  ", "[\n  ", "\n]\n")));
  }
}

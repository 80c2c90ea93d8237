package io.fermata.chaos.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the slates of both hosts say of each migration, read from their lines as they are on disk:
 * nobody has started what the other has not sealed, and nobody was released without a start.
 */
final class SlateLines {
  private static final Pattern FACT = Pattern.compile("\\{\"type\":\"([A-Za-z]+)\".*");
  private static final Pattern MIGRATION = Pattern.compile("\"migration\":\"([a-z0-9]+)\"");

  private SlateLines() {}

  /** What cannot be true of both slates at once. */
  static List<String> contradictions(List<Path> folders) {
    Map<String, Set<String>> facts = new HashMap<>();
    folders.forEach(folder -> read(folder, facts));
    List<String> wrong = new ArrayList<>();
    facts.forEach((migration, types) -> {
      needs(migration, types, "started", "sealed", wrong);
      needs(migration, types, "released", "started", wrong);
      needs(migration, types, "unsealed", "voided", wrong);
    });
    return wrong;
  }

  private static void needs(
      String migration, Set<String> types, String fact, String other, List<String> wrong) {
    if (types.contains(fact) && !types.contains(other)) {
      wrong.add(migration + " is " + fact + " but nowhere " + other + ": " + types);
    }
  }

  private static void read(Path folder, Map<String, Set<String>> facts) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        for (String line : Files.readString(file).split("\n")) {
          int json = line.indexOf('{');
          Matcher fact = FACT.matcher(json < 0 ? "" : line.substring(json));
          Matcher migration = MIGRATION.matcher(line);
          if (fact.matches() && migration.find()) {
            facts
                .computeIfAbsent(migration.group(1), m -> new TreeSet<>())
                .add(fact.group(1).toLowerCase(java.util.Locale.ROOT));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

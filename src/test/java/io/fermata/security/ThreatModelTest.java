package io.fermata.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every line of the threat model names a test that exists. */
class ThreatModelTest {
  private static final Path MODEL = Path.of("src/docs/security.md");
  private static final Pattern NAMED = Pattern.compile("`(\\w+Test|\\w+IT)(?:\\.(\\w+))?`");

  @Test
  void everyTestThatItNamesExists() throws IOException {
    List<String> missing = new ArrayList<>();
    List<MatchResult> named = NAMED.matcher(Files.readString(MODEL)).results().toList();
    assertTrue(named.size() > 20, "only " + named.size());
    for (MatchResult each : named) {
      String method = each.group(2);
      boolean exists =
          sources(each.group(1)).stream()
              .anyMatch(source -> method == null || source.contains("void " + method + "("));
      if (!exists) {
        missing.add(each.group());
      }
    }
    assertEquals(List.of(), missing);
  }

  @Test
  void everyLineNamesOne() throws IOException {
    List<String> lines =
        Files.readString(MODEL).lines().filter(line -> line.startsWith("| ")).skip(1).toList();
    assertFalse(lines.isEmpty());
    for (String line : lines) {
      assertTrue(NAMED.matcher(line).find(), line);
    }
  }

  private static List<String> sources(String test) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      List<String> found = new ArrayList<>();
      for (Path file : files.filter(f -> f.endsWith(test + ".java")).toList()) {
        found.add(Files.readString(file));
      }
      return found;
    }
  }
}

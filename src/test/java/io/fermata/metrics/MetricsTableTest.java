package io.fermata.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The table that the design gives beside what is exported, which {@link MetricsOfTwoMigrationsTest}
 * holds against two real processes. What is absent is on a list that says why.
 */
class MetricsTableTest {
  @Test
  void whatTheTableNamesIsExportedWithItsLabelsOrItIsSaidWhyNot() {
    SortedMap<String, List<String>> exported = new TreeMap<>();
    for (String process : List.of("orchestrator.txt", "agent.txt")) {
      lines(process)
          .forEach(line -> {
            List<String> words = Arrays.asList(line.split(" "));
            exported.put(words.get(0), words.subList(2, words.size()).stream().sorted().toList());
          });
    }
    SortedMap<String, String> absent = new TreeMap<>();
    lines("absent.txt").forEach(line -> absent.put(line.split(": ")[0], line.split(": ")[1]));
    for (String line : lines("table.txt")) {
      List<String> words = Arrays.asList(line.split(" "));
      String name = words.get(0);
      if (absent.remove(name) != null) {
        assertFalse(exported.containsKey(name), () -> name + " is there: take it off the list");
        continue;
      }
      assertEquals(words.subList(1, words.size()), exported.get(name), name);
    }
    assertEquals(new TreeMap<>(), absent, "not in the table");
  }

  private static List<String> lines(String resource) {
    try (InputStream in = MetricsTableTest.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), UTF_8).lines().toList();
    } catch (IOException e) {
      throw new AssertionError(resource, e);
    }
  }
}

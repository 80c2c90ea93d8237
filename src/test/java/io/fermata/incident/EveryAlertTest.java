package io.fermata.incident;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** One alert, one runbook, one incident in which it is followed. */
class EveryAlertTest {
  private static final Path RULES = Path.of("config/prometheus/fermata-rules.yml");
  private static final Pattern ALERT = Pattern.compile("- alert: (\\w+)");
  private static final List<Class<?>> INCIDENTS =
      List.of(
          MovingIncidentsTest.class,
          ServiceIncidentsTest.class,
          DrainIncidentTest.class,
          ReplicaIncidentsTest.class,
          CertificateIncidentTest.class);

  @Test
  void hasARunbookAndAnIncident() throws IOException {
    Set<String> alerts =
        ALERT
            .matcher(Files.readString(RULES))
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(alerts, runbooks());
    assertEquals(alerts, incidents());
  }

  private static Set<String> runbooks() throws IOException {
    try (Stream<Path> files = Files.list(Runbook.FOLDER)) {
      return files
          .map(file -> file.getFileName().toString().replace(".md", ""))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  /** Each incident's method has the name of its alert. */
  private static Set<String> incidents() {
    return INCIDENTS.stream()
        .flatMap(each -> Arrays.stream(each.getDeclaredMethods()))
        .filter(method -> method.isAnnotationPresent(Test.class))
        .map(method -> method.getName())
        .map(name -> "Fermata" + Character.toUpperCase(name.charAt(0)) + name.substring(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}

package io.fermata.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Alerts: each is quiet when all is well, fires when it is not, and leads to its runbook. */
class AlertsTest {
  private static final Path RULES = Path.of("config/prometheus");
  private static final Path RUNBOOKS = Path.of("src/docs/runbooks");
  private static final List<String> HEADINGS =
      List.of(
          "Meaning",
          "Impact",
          "Is it safe to wait?",
          "Diagnosis",
          "Mitigation",
          "Prove it is over");

  @Test
  void promtoolReadsTheRules() {
    Promtool.check(RULES, "", "check", "rules", "fermata-rules.yml");
  }

  @Test
  void eachIsQuietAndFiresAsItsCasesSay() throws IOException {
    String cases = read("fermata-rules-test.yml");
    for (String alert : alerts()) {
      String name = alert.substring("Fermata".length());
      assertTrue(cases.contains("- name: " + name + " stays quiet\n"), alert);
      assertTrue(cases.contains("- name: " + name + " fires\n"), alert);
    }
    Promtool.check(RULES, "", "test", "rules", "fermata-rules-test.yml");
  }

  @Test
  void eachAlertHasARunbookAndEachRunbookAnAlert() throws IOException {
    Set<String> runbooks = new TreeSet<>();
    try (Stream<Path> files = Files.list(RUNBOOKS)) {
      files.forEach(file -> runbooks.add(file.getFileName().toString()));
    }
    Set<String> wanted = new TreeSet<>();
    alerts().forEach(alert -> wanted.add(alert + ".md"));
    assertFalse(wanted.isEmpty());
    assertEquals(wanted, runbooks);
    String rules = read("fermata-rules.yml");
    for (String alert : alerts()) {
      assertTrue(
          rules.contains(
              "runbook_url: '{{ $externalLabels.fermata_api }}/runbooks/" + alert + "'\n"),
          alert);
    }
  }

  @Test
  void everyRunbookAnswersTheSameSixQuestionsInThisOrder() throws IOException {
    for (String alert : alerts()) {
      String text = Files.readString(RUNBOOKS.resolve(alert + ".md"));
      assertTrue(text.startsWith("# " + alert + "\n"), alert);
      List<String> headings =
          Pattern.compile("(?m)^## (.*)$").matcher(text).results().map(m -> m.group(1)).toList();
      assertEquals(HEADINGS, headings, alert);
      assertTrue(text.contains("```sh\n"), alert);
      assertTrue(text.lines().allMatch(line -> line.length() <= 100), alert + ": over 100 columns");
    }
  }

  private static List<String> alerts() throws IOException {
    List<String> alerts =
        Pattern.compile("(?m)^ *- alert: (\\w+)$")
            .matcher(read("fermata-rules.yml"))
            .results()
            .map((MatchResult match) -> match.group(1))
            .collect(Collectors.toList());
    assertEquals(alerts.size(), Set.copyOf(alerts).size(), "an alert is there twice");
    return alerts;
  }

  private static String read(String file) throws IOException {
    return Files.readString(RULES.resolve(file));
  }
}

package io.fermata.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the chart makes of its two kinds of journal: one orchestrator of its file, or several. */
@Tag("chart")
class ChartJournalTest {
  private static final Path DEFAULTS = Chart.FOLDER.resolve("values.yaml");
  private static final Path POSTGRES = Path.of("src/test/resources/chart/postgres.yaml");
  private static final String SELECTOR =
      "{\"app.kubernetes.io/name\":\"fermata\",\"app.kubernetes.io/instance\":\"trial\","
          + "\"app.kubernetes.io/component\":\"orchestrator\"}";

  @Test
  void aFileHasOneOrchestratorAndNoSecondWhileTheFirstStillEnds() {
    Chart chart = Chart.render(DEFAULTS, Map.of());
    JsonObject orchestrator = chart.only("StatefulSet");
    assertEquals(List.of(), chart.all("Deployment"));
    assertEquals("1", Chart.at(orchestrator, "spec", "replicas").toString());
    String service = Chart.at(orchestrator, "spec", "serviceName").getAsString();
    assertTrue(
        chart.all("Service").stream()
            .anyMatch(each -> Chart.at(each, "metadata", "name").getAsString().equals(service)),
        service);
    String claim = Chart.at(chart.only("PersistentVolumeClaim"), "metadata", "name").toString();
    assertTrue(orchestrator.toString().contains("{\"claimName\":" + claim + "}"), claim);
    List<String> arguments = Chart.arguments(orchestrator);
    assertTrue(arguments.contains("--fermata.journal.directory=/var/lib/fermata/journal"));
    assertFalse(arguments.toString().contains("replica"), arguments.toString());
  }

  @Test
  void aSecondOneOfAFileIsRefusedInAClearSentence() {
    String refused = refusal(DEFAULTS, Map.of("orchestrator.replicas", 2));
    assertTrue(
        refused.contains(
            "orchestrator.replicas is 2: the journal is one SQLite file with one writer, so exactly"
                + " 1 orchestrator can run; set it to 1, or journal.kind to postgresql"),
        refused);
    JsonObject one = Chart.render(DEFAULTS, Map.of("orchestrator.replicas", 1)).only("StatefulSet");
    assertEquals("1", Chart.at(one, "spec", "replicas").toString());
  }

  @Test
  void aDatabaseHasTwoAndNoneOfThemGoesBeforeAnotherIsThere() {
    Chart chart = Chart.render(POSTGRES, Map.of());
    JsonObject orchestrator = chart.only("Deployment");
    assertEquals(List.of(), chart.all("StatefulSet"));
    assertEquals(List.of(), chart.all("PersistentVolumeClaim"));
    assertEquals("2", Chart.at(orchestrator, "spec", "replicas").toString());
    assertEquals(
        "{\"maxUnavailable\":0,\"maxSurge\":1}",
        Chart.at(orchestrator, "spec", "strategy", "rollingUpdate").toString());
    JsonObject three =
        Chart.render(POSTGRES, Map.of("orchestrator.replicas", 3)).only("Deployment");
    assertEquals("3", Chart.at(three, "spec", "replicas").toString());
  }

  @Test
  void eachIsToldTheDatabaseAndItsOwnAddress() {
    JsonObject orchestrator = Chart.render(POSTGRES, Map.of()).only("Deployment");
    List<String> arguments = Chart.arguments(orchestrator);
    for (String expected :
        List.of(
            "--fermata.journal.url=jdbc:postgresql://db-0.example:6432,db-1.example/fermata"
                + "?targetServerType=primary",
            "--fermata.journal.username=fermata",
            "--fermata.journal.password-file=/etc/fermata-journal/password",
            "--fermata.replica.url=https://$(ADDRESS):8080")) {
      assertTrue(arguments.contains(expected), expected);
    }
    JsonObject container = Chart.container(orchestrator);
    assertEquals(
        "[{\"name\":\"ADDRESS\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"status.podIP\"}}}]",
        container.get("env").toString());
    String pod = orchestrator.toString();
    assertTrue(pod.contains("{\"name\":\"journal\",\"secret\":{\"secretName\":\"database\"}}"));
    assertTrue(
        pod.contains("{\"name\":\"journal\",\"mountPath\":\"/etc/fermata-journal\""), "mounted");
    assertTrue(pod.contains("{\"name\":\"database\",\"mountPath\":\"/etc/fermata-database\""));

    var plain = Chart.render(POSTGRES, Map.of("security.apiSecret", ""));
    assertTrue(
        Chart.arguments(plain.only("Deployment"))
            .contains("--fermata.replica.url=http://$(ADDRESS):8080"));
  }

  @Test
  void theyStandApartAndOneOfThemMayBeAway() {
    Chart chart = Chart.render(POSTGRES, Map.of());
    JsonObject pod =
        Chart.at(chart.only("Deployment"), "spec", "template", "spec").getAsJsonObject();
    List<String> keys = new ArrayList<>();
    for (JsonElement each : pod.getAsJsonArray("topologySpreadConstraints")) {
      JsonObject constraint = each.getAsJsonObject();
      keys.add(constraint.get("topologyKey").getAsString());
      assertEquals(SELECTOR, Chart.at(constraint, "labelSelector", "matchLabels").toString());
      assertEquals("[\"pod-template-hash\"]", constraint.get("matchLabelKeys").toString());
    }
    assertEquals(List.of("kubernetes.io/hostname", "topology.kubernetes.io/zone"), keys);
    String apart = Chart.at(pod, "affinity", "podAntiAffinity").toString();
    assertTrue(apart.startsWith("{\"preferredDuringScheduling"), apart);
    assertTrue(apart.contains(SELECTOR), apart);

    JsonObject budget = chart.only("PodDisruptionBudget");
    assertEquals("1", Chart.at(budget, "spec", "maxUnavailable").toString());
    assertEquals(SELECTOR, Chart.at(budget, "spec", "selector", "matchLabels").toString());
  }

  @Test
  void whereTwoNeverShareANodeOneLeavesBeforeAnotherComes() {
    JsonObject never =
        Chart.render(POSTGRES, Map.of("orchestrator.antiAffinity", "required")).only("Deployment");
    assertTrue(
        Chart.at(never, "spec", "template", "spec", "affinity", "podAntiAffinity")
            .toString()
            .startsWith("{\"requiredDuringScheduling"));
    assertEquals(
        "{\"maxUnavailable\":1,\"maxSurge\":0}",
        Chart.at(never, "spec", "strategy", "rollingUpdate").toString());
    JsonObject any =
        Chart.render(POSTGRES, Map.of("orchestrator.antiAffinity", "none")).only("Deployment");
    assertFalse(any.toString().contains("affinity\""), any.toString());
  }

  @Test
  void thePolicyLetsThemReachEachOtherTheDatabaseAndTheIssuer() {
    JsonObject policy = Chart.render(POSTGRES, Map.of()).only("NetworkPolicy");
    String replicas = "{\"podSelector\":{\"matchLabels\":" + SELECTOR + "}}";
    JsonElement api = Chart.at(policy, "spec", "ingress").getAsJsonArray().get(0);
    assertTrue(api.toString().contains(replicas), api.toString());
    assertTrue(api.toString().contains("\"port\":\"api\""), api.toString());
    List<String> egress = egress(policy);
    assertTrue(
        egress.contains(
            "{\"to\":[" + replicas + "],\"ports\":[{\"protocol\":\"TCP\",\"port\":\"api\"}]}"),
        egress.toString());
    assertTrue(egress.contains("{\"ports\":" + ports(6432, 5432) + "}"), "the database");
    assertTrue(egress.contains("{\"ports\":" + ports(8443) + "}"), "the issuer");

    List<String> alone = egress(Chart.render(DEFAULTS, Map.of()).only("NetworkPolicy"));
    assertEquals(2, alone.size(), () -> "names and agents, nothing else: " + alone);
  }

  @Test
  void thePolicyNamesWhereTheDatabaseIsIfItIsTold() {
    String database = "{\"ipBlock\":{\"cidr\":\"198.51.100.7/32\"}}";
    List<String> egress =
        egress(
            Chart.render(
                    POSTGRES,
                    Map.of(
                        "networkPolicy.databaseTo[0].ipBlock.cidr",
                        "198.51.100.7/32",
                        "networkPolicy.databasePorts[0]",
                        5433,
                        "networkPolicy.egress[0].to[0].ipBlock.cidr",
                        "203.0.113.0/24",
                        "networkPolicy.egress[0].ports[0]",
                        4318))
                .only("NetworkPolicy"));
    assertTrue(
        egress.contains("{\"ports\":" + ports(5433) + ",\"to\":[" + database + "]}"),
        egress.toString());
    assertTrue(
        egress.contains(
            "{\"ports\":" + ports(4318) + ",\"to\":[{\"ipBlock\":{\"cidr\":\"203.0.113.0/24\"}}]}"),
        egress.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "jdbc:postgresql://db/fermata, 5432",
    "jdbc:postgresql://[fd00::7]/fermata, 5432",
    "jdbc:postgresql://[fd00::7]:6000/fermata, 6000",
    "jdbc:postgresql://db:7000/fermata?x=http://y:1, 7000",
  })
  void theDatabasesPortIsReadFromItsUrl(String url, int port) {
    List<String> egress =
        egress(Chart.render(POSTGRES, Map.of("journal.url", url)).only("NetworkPolicy"));
    assertTrue(egress.contains("{\"ports\":" + ports(port) + "}"), egress.toString());
  }

  @Test
  void noProbeAsksWhatTheDatabaseCouldBreak() {
    JsonObject container = Chart.container(Chart.render(POSTGRES, Map.of()).only("Deployment"));
    for (String probe : List.of("startupProbe", "livenessProbe")) {
      assertEquals(
          "{\"path\":\"/livez\",\"port\":\"api\",\"scheme\":\"HTTPS\"}",
          Chart.at(container, probe, "httpGet").toString());
    }
    assertEquals("/readyz", Chart.at(container, "readinessProbe", "httpGet", "path").getAsString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "journal.url           |            | give journal.url",
        "journal.existingClaim | mine       | is for the SQLite file",
        "journal.kind          | sqlite     | set journal.kind to postgresql",
        "orchestrator.settings.fermata\\.journal\\.password | x | is the chart's to say",
        "orchestrator.settings.fermata\\.replica\\.url | http://x | is the chart's to say",
      })
  void whatContradictsItselfIsRefused(String name, String value, String words) {
    String refused = refusal(POSTGRES, Map.of(name, value == null ? "" : value));
    assertTrue(refused.contains(words), refused);
  }

  @Test
  void theReadmesInstallationIsOneOfTwoWithCertificates(@TempDir Path folder) throws IOException {
    String begin = "helm install fermata helm/fermata -f - <<EOF\n";
    String readme = Files.readString(Path.of("README.md"));
    int at = readme.indexOf(begin) + begin.length();
    Path values = folder.resolve("values.yaml");
    Files.writeString(values, readme.substring(at, readme.indexOf("    EOF\n", at)).stripIndent());
    Chart chart = Chart.render(values, Map.of());
    assertEquals("2", Chart.at(chart.only("Deployment"), "spec", "replicas").toString());
    assertFalse(chart.notes().contains("does not start"), chart.notes());
  }

  @Test
  void aDemonstrationHasAJournalOfItsOwn() {
    String refused =
        refusal(
            DEFAULTS,
            Map.of(
                "demo.enabled", true,
                "journal.kind", "postgresql",
                "journal.url", "jdbc:postgresql://db/fermata"));
    assertTrue(refused.contains("several would share one journal"), refused);
  }

  private static String ports(int... numbers) {
    List<String> ports = new ArrayList<>();
    for (int number : numbers) {
      ports.add("{\"protocol\":\"TCP\",\"port\":" + number + "}");
    }
    return ports.toString().replace(", ", ",");
  }

  private static List<String> egress(JsonObject policy) {
    List<String> rules = new ArrayList<>();
    Chart.at(policy, "spec", "egress").getAsJsonArray().forEach(each -> rules.add(each.toString()));
    return rules;
  }

  private static String refusal(Path values, Map<String, Object> more) {
    return assertThrows(IllegalStateException.class, () -> Chart.render(values, more)).getMessage();
  }
}

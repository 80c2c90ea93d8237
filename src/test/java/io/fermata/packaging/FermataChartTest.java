package io.fermata.packaging;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/**
 * The chart by Helm's own engine: lint, rendering and refusals. Tagged, so that it runs in a JVM of
 * its own: one in which Helm has run is slow ever after.
 */
@Tag("chart")
class FermataChartTest {
  private static final Path VALUES = Path.of("src/test/resources/chart");
  private static final Path FULL = VALUES.resolve("full.yaml");
  private static final Path DEFAULTS = Chart.FOLDER.resolve("values.yaml");

  @Test
  void lintHasNothingToSayButThatThereIsNoIcon() {
    var lint = Chart.lint();
    assertEquals(List.of("[INFO] Chart.yaml: icon is recommended"), lint.getMessages());
    assertFalse(lint.isFailed());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "helm/fermata/values.yaml",
        "full.yaml",
        "demo.yaml",
        "privileged.yaml",
        "secured.yaml",
        "postgres.yaml",
        "holding.yaml"
      })
  void everyObjectIsOneThatKubernetesKnows(String values) throws IOException {
    var chart = chart(values);
    assertTrue(chart.objects().size() >= 6, "only " + chart.objects().size() + " objects");
    for (JsonObject object : chart.objects()) {
      Chart.check(object);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"helm/fermata/values.yaml", "full.yaml", "demo.yaml", "postgres.yaml"})
  void everyPodIsConfined(String values) {
    for (JsonObject pod : chart(values).pods()) {
      JsonObject container =
          Chart.at(pod, "spec", "containers").getAsJsonArray().get(0).getAsJsonObject();
      JsonObject security = container.getAsJsonObject("securityContext");
      assertAll(
          container.get("name").getAsString(),
          () -> assertFalse(Chart.at(pod, "spec", "automountServiceAccountToken").getAsBoolean()),
          () ->
              assertEquals(
                  "RuntimeDefault",
                  Chart.at(pod, "spec", "securityContext", "seccompProfile", "type").getAsString()),
          () -> assertTrue(security.get("readOnlyRootFilesystem").getAsBoolean()),
          () -> assertFalse(security.get("allowPrivilegeEscalation").getAsBoolean()),
          () -> assertEquals("[\"ALL\"]", Chart.at(security, "capabilities", "drop").toString()),
          () -> assertFalse(security.has("privileged")),
          () -> assertTrue(Chart.at(container, "resources", "limits").toString().contains("mem")));
    }
  }

  @Test
  void onlyTheAgentMayBeRootAndOnlyItMayAskForACapability() {
    var chart = chart("full.yaml");
    var orchestrator = Chart.at(chart.orchestrator(), "spec", "template", "spec");
    var context = orchestrator.getAsJsonObject().getAsJsonObject("securityContext");
    assertTrue(context.get("runAsNonRoot").getAsBoolean());
    assertEquals(10001, context.get("runAsUser").getAsInt());
    assertFalse(orchestrator.toString().contains("\"add\""));
    assertTrue(chart.only("DaemonSet").toString().contains("\"add\":[\"SYS_RAWIO\"]"));
    var bare = Chart.render(VALUES.resolve("privileged.yaml"), Map.of("agent.privileged", false));
    assertFalse(bare.only("DaemonSet").toString().contains("\"add\""));
  }

  @Test
  void theProbesAskTheProcessAndNothingBehindIt() {
    var chart = chart("full.yaml");
    for (JsonObject workload : List.of(chart.orchestrator(), chart.only("DaemonSet"))) {
      JsonObject container = Chart.container(workload);
      for (String probe : List.of("startupProbe", "livenessProbe")) {
        assertEquals("/livez", Chart.at(container, probe, "httpGet", "path").getAsString());
      }
      assertEquals(
          "/readyz", Chart.at(container, "readinessProbe", "httpGet", "path").getAsString());
    }
  }

  @Test
  void everyNamedPortIsOneOfTheContainersThatTheSelectorFinds() {
    var chart = chart("full.yaml");
    for (JsonObject service : chart.all("Service")) {
      var selector = Chart.at(service, "spec", "selector").getAsJsonObject();
      var chosen =
          chart.pods().stream()
              .filter(pod -> hasAll(Chart.at(pod, "metadata", "labels"), selector))
              .toList();
      assertEquals(1, chosen.size(), "one kind of pod behind " + service);
      for (JsonElement port : Chart.at(service, "spec", "ports").getAsJsonArray()) {
        String name = "\"name\":" + port.getAsJsonObject().get("targetPort");
        assertTrue(chosen.getFirst().toString().contains(name), name);
      }
    }
    for (JsonObject each :
        List.of(chart.orchestrator(), chart.only("DaemonSet"), chart.only("PodDisruptionBudget"))) {
      var selector = Chart.at(each, "spec", "selector", "matchLabels");
      assertTrue(
          chart.pods().stream()
              .anyMatch(
                  pod -> hasAll(Chart.at(pod, "metadata", "labels"), selector.getAsJsonObject())));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "orchestrator.replica          | 1             | replica",
        "orchestrator.replicas         | 0             | replicas",
        "orchestrator.replicas         | two           | replicas",
        "orchestrator.antiAffinity     | maybe         | antiAffinity",
        "journal.kind                  | mysql         | kind",
        "journal.url                   | jdbc:mysql://h/d | url",
        "journal.url                   | jdbc:postgresql://h/d?password=x | url",
        "journal.passwordKey           | a/b           | passwordKey",
        "networkPolicy.databasePorts[0] | 0            | databasePorts",
        "networkPolicy.egress[0].ports[0] | 443        | to",
        "agent.hosts.n.devices[0].hold | borrow        | hold",
        "journal.size                  | lots          | size",
        "journal.accessMode            | ReadWriteMany | accessMode",
        "image.digest                  | sha256:12     | digest",
        "fleet.hosts[0].name           | host-a        | agent",
        "fleet.hosts[0].adress         | https://x:8090 | adress",
        "orchestrator.settings.path    | x             | path",
        "commonLabels.helm\\.sh/chart  | x             | helm.sh/chart",
        "agent.capabilities[0]         | SYS_ADMIN     | capabilities",
        "agent.hosts.n.devices[0].name | gpu0          | devices",
        "agent.port                    | 70000         | port",
        "metrics.serviceMonitor.enable | true          | enable",
        "podDisruptionBudget.maxUnavailable | 2        | maxUnavailable",
        "typo                          | 1             | typo",
      })
  void aWrongValueIsRefusedByItsName(String name, String value, String named) {
    var refused = refusal(name, value);
    assertTrue(refused.contains("values don't meet the specifications of the schema"), refused);
    assertTrue(refused.contains(named), refused);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fleet.existingConfigMap | mine | two inventories",
        "demo.enabled            | true | brings its own two hosts",
        "agent.privileged        | true | makes agent.deviceResources pointless",
      })
  void whatExcludesEachOtherIsRefused(String name, String value, String words) {
    var refused =
        assertThrows(IllegalStateException.class, () -> Chart.render(FULL, Map.of(name, value)));
    assertTrue(refused.getMessage().contains(words), refused.getMessage());
  }

  @Test
  void theSchemaLeavesNoObjectOpen() throws IOException {
    var schema =
        JsonParser.parseString(Files.readString(Chart.FOLDER.resolve("values.schema.json")));
    var open = new ArrayList<String>();
    walk(schema, "#", open);
    assertEquals(List.of(), open);
  }

  @Test
  void theSchemaKnowsEveryValueThatTheFileExplains() throws IOException {
    JsonObject schema =
        JsonParser.parseString(Files.readString(Chart.FOLDER.resolve("values.schema.json")))
            .getAsJsonObject();
    JsonElement values = new Gson().toJsonTree(new Yaml().<Object>load(Files.readString(DEFAULTS)));
    var unexplained = new ArrayList<String>();
    compare(schema, values.getAsJsonObject(), "", unexplained);
    unexplained.remove(".global"); // Helm's own
    assertEquals(List.of(), unexplained);
  }

  @Test
  void theRulesAreTheOnesOfTheProject() throws IOException {
    String rules = Files.readString(Chart.FOLDER.resolve("files/fermata-rules.yml"));
    var rendered = chart("full.yaml").only("PrometheusRule");
    var expected = new Gson().toJsonTree(new Yaml().<Object>load(rules));
    assertEquals(expected, rendered.get("spec"));
    Path original = Path.of("config/prometheus/fermata-rules.yml");
    if (Files.exists(original)) {
      assertEquals(
          Files.readString(original),
          rules,
          "cp " + original + " " + Chart.FOLDER.resolve("files/fermata-rules.yml"));
    }
  }

  @Test
  void withoutCertificatesNoPodIsToldToDoWithoutThem() {
    assertTrue(arguments("full.yaml").contains("--fermata.insecure-bind=false"));
    var secured = arguments("secured.yaml");
    assertTrue(secured.contains("--fermata.insecure-bind=false"), secured.toString());
    assertTrue(secured.contains("--fermata.access.issuer=https://login.example.org"));
    String agent = chart("secured.yaml").only("DaemonSet").toString();
    assertTrue(agent.contains("/actuator/health/liveness"), agent);
    assertTrue(agent.contains("--fermata.identity.certificate=/etc/fermata-identity/tls.crt"));
  }

  @Test
  void withCertificatesNoAgentIsReachedInTheClear() {
    for (String address : List.of("agent", "peer")) {
      var refused =
          assertThrows(
              IllegalStateException.class,
              () ->
                  Chart.render(
                      VALUES.resolve("secured.yaml"),
                      Map.of("fleet.hosts[0]." + address, "http://192.0.2.10:8090")));
      assertTrue(
          refused.getMessage().contains("host-a is reached by http, and with"),
          refused.getMessage());
    }
  }

  /** Where there are no certificates the agent has to be told so, or it does not start. */
  @Test
  void theDataPlaneIsInTheClearWhereAgentsHaveNoIdentityAndNowhereElse() {
    assertTrue(chart("full.yaml").all("ConfigMap").toString().contains("tls: off"));
    assertFalse(chart("secured.yaml").all("ConfigMap").toString().contains("tls"));
  }

  @Test
  void whatVmmsShareWithAgentsIsTheirSocketsTheirProcessesAndOneCapability() {
    JsonObject agent = chart("holding.yaml").only("DaemonSet");
    String pod = agent.toString();
    assertTrue(Chart.at(agent, "spec", "template", "spec", "hostPID").getAsBoolean());
    assertTrue(pod.contains("\"add\":[\"SYS_PTRACE\"]"), pod);
    assertTrue(
        Chart.arguments(agent).contains("--fermata.agent.holding.socket=/run/fermata/hold.sock"));
    for (String folder : List.of("/run/fermata", "/run/vms", "/dev/vfio", "/dev/iommu")) {
      assertTrue(pod.contains("\"mountPath\":\"" + folder + "\""), folder);
      assertTrue(pod.contains("{\"path\":\"" + folder + "\""), folder);
    }
    var shared = chart("full.yaml").only("DaemonSet");
    assertFalse(shared.toString().contains("hostPID"));
  }

  @ParameterizedTest
  @CsvSource({
    "agent.hostPID, false, nic0 of node-a is taken out",
    "agent.capabilities, null, nic0 of node-a is taken out",
    "agent.holdingDirectory, '', gpu0 of node-a is sent by its VMM",
  })
  void whatHoldingNeedsIsAskedFor(String name, String value, String words) {
    var refused =
        assertThrows(
            IllegalStateException.class,
            () -> Chart.render(VALUES.resolve("holding.yaml"), Map.of(name, value)));
    assertTrue(refused.getMessage().contains(words), refused.getMessage());
  }

  private static List<String> arguments(String values) {
    return Chart.arguments(chart(values).orchestrator());
  }

  /** Whoever installs it is told what stands between him and the API. */
  @Test
  void theNotesSayWhatIsMissingAndHowToAsk() {
    String alone = chart("helm/fermata/values.yaml").notes();
    assertTrue(alone.contains("1 orchestrator, journal in a SQLite file."), alone);
    assertTrue(alone.contains("It does not start before security.identitySecret"), alone);
    assertTrue(alone.contains("It has no hosts yet"), alone);
    String demo = chart("demo.yaml").notes();
    assertTrue(demo.contains("INSECURE: nobody is asked who he is"), demo);
    assertTrue(demo.contains("export F=http://127.0.0.1:8080/api/v1"), demo);
    String several = chart("postgres.yaml").notes();
    assertTrue(several.contains("2 orchestrators, journal in PostgreSQL."), several);
    assertTrue(several.contains("Authorization: Bearer $TOKEN"), several);
    assertTrue(several.contains("c \"$F/replicas?o=text\""), several);
    assertFalse(several.contains("does not start"), several);
  }

  @Test
  void helmTestKnowsWhetherItHasToBeTurnedAway() {
    String open = chart("demo.yaml").testScript();
    assertTrue(open.contains("http://trial-fermata:8080/api/v1/hosts"), open);
    assertFalse(open.contains("401"), open);
    String secured = chart("postgres.yaml").testScript();
    assertTrue(secured.contains("https://trial-fermata:8080/readyz"), secured);
    assertTrue(secured.contains("test \"$code\" = 401"), secured);
    assertTrue(secured.contains("seen >= 2"), secured);
  }

  @Test
  void aNumberOfASettingIsWrittenOut() {
    var arguments =
        Chart.arguments(
            Chart.render(DEFAULTS, Map.of("orchestrator.settings.fermata\\.x", 12_500_000_000L))
                .orchestrator());
    assertTrue(arguments.contains("--fermata.x=12500000000"), arguments.toString());
  }

  private static Chart chart(String values) {
    Path file = values.contains("/") ? Path.of(values) : VALUES.resolve(values);
    return Chart.render(file, Map.of());
  }

  private static String refusal(String name, Object value) {
    return assertThrows(
            IllegalStateException.class, () -> Chart.render(DEFAULTS, Map.of(name, value)))
        .getMessage();
  }

  private static boolean hasAll(JsonElement labels, JsonObject wanted) {
    return wanted.entrySet().stream()
        .allMatch(each -> each.getValue().equals(labels.getAsJsonObject().get(each.getKey())));
  }

  private static void walk(JsonElement here, String path, List<String> open) {
    if (here instanceof JsonArray array) {
      for (int i = 0; i < array.size(); i++) {
        walk(array.get(i), path + "/" + i, open);
      }
    } else if (here instanceof JsonObject object) {
      boolean describes = object.has("type") && object.get("type").isJsonPrimitive();
      if (describes && object.get("type").getAsString().equals("object")) {
        JsonElement more = object.get("additionalProperties");
        if (more == null || (more.isJsonPrimitive() && more.getAsBoolean())) {
          open.add(path);
        }
      }
      object.entrySet().forEach(each -> walk(each.getValue(), path + "/" + each.getKey(), open));
    }
  }

  private static void compare(
      JsonObject schema, JsonObject values, String path, List<String> unexplained) {
    if (!schema.has("properties")) {
      return;
    }
    for (var each : schema.getAsJsonObject("properties").entrySet()) {
      String name = path + "." + each.getKey();
      JsonElement value = values.get(each.getKey());
      if (value == null) {
        unexplained.add(name);
      } else if (value instanceof JsonObject object) {
        compare(each.getValue().getAsJsonObject(), object, name, unexplained);
      }
    }
  }
}

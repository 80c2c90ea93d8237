package io.fermata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.Fermata.Launch;
import io.fermata.wire.tls.Authority;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FermataTest {
  @TempDir private Path folder;

  @Test
  void withoutAWordItIsTheOrchestrator() {
    assertEquals(new Launch.Run(Role.ORCHESTRATOR, List.of()), launch(null, null));
  }

  @Test
  void theFirstArgumentIsTheRoleAndTheRestIsForSpring() {
    assertEquals(
        new Launch.Run(Role.AGENT, List.of("--server.port=0")),
        launch(null, null, "agent", "--server.port=0"));
  }

  @Test
  void theNearestWordWins() {
    assertEquals(Role.AGENT, roleOf(launch("agent", "orchestrator")));
    assertEquals(Role.AGENT, roleOf(launch(null, "agent")));
    assertEquals(Role.AGENT, roleOf(launch("orchestrator", null, "--fermata.role=agent")));
    assertEquals(
        Role.ORCHESTRATOR,
        roleOf(launch("agent", "agent", "orchestrator", "--fermata.role=agent")));
  }

  @Test
  void anUnknownRoleIsAMistakeWhereverItWasGiven() {
    var mistake = new Launch.Mistake("there is no role 'conductor'");
    assertEquals(mistake, launch(null, null, "conductor"));
    assertEquals(mistake, launch(null, null, "--fermata.role=conductor"));
    assertEquals(mistake, launch("conductor", null));
    assertEquals(mistake, launch(null, "conductor"));
  }

  @Test
  void helpIsAnsweredBeforeAnythingElseIsRead() {
    assertInstanceOf(Launch.Help.class, launch(null, null, "conductor", "--help"));
    assertInstanceOf(Launch.Help.class, launch("conductor", null, "-h"));
  }

  @ParameterizedTest
  @EnumSource
  void eachRoleStartsAndShowsHealthAndNothingThatIsNotMeantToBeShown(Role role)
      throws IOException, InterruptedException {
    try (var context = Fermata.start(role, settings(role))) {
      var settings = context.getEnvironment();
      String base = "http://127.0.0.1:" + settings.getProperty("local.server.port") + "/actuator/";

      assertEquals(role.word(), settings.getProperty("fermata.role"));
      assertTrue(get(base + "health").body().contains("\"status\":\"UP\""));
      assertTrue(get(base + "prometheus").body().contains("jvm_memory_used_bytes"));
      assertTrue(get(base + "info").body().contains("\"version\""));
      for (String hidden : List.of("env", "beans", "heapdump", "configprops", "shutdown")) {
        assertEquals(404, get(base + hidden).statusCode(), hidden);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theProbesAnswerAtTheRolesOwnPortWhateverElseIsDown(Role role)
      throws IOException, InterruptedException {
    List<String> settings = new ArrayList<>(settings(role));
    settings.add("--management.server.port=0");
    // Any indicator: the free space on a disk is one that a setting can bring down.
    settings.add("--management.health.diskspace.threshold=1000000TB");
    try (var context = Fermata.start(role, settings)) {
      var ports = context.getEnvironment();
      String api = "http://127.0.0.1:" + ports.getProperty("local.server.port");
      String management = "http://127.0.0.1:" + ports.getProperty("local.management.port");

      assertEquals(503, get(management + "/actuator/health").statusCode());
      String elsewhere = management.replace("127.0.0.1", "127.84.9.9") + "/actuator/health";
      assertThrows(ConnectException.class, () -> get(elsewhere), "it listens where the API does");
      assertEquals("{\"status\":\"UP\"}", get(api + "/livez").body());
      HttpResponse<String> ready = get(api + "/readyz");
      assertEquals(200, ready.statusCode());
      assertTrue(ready.body().contains("\"status\":\"UP\"}"), ready.body());
      assertFalse(ready.body().contains("diskSpace"), ready.body());
      assertEquals(200, get(management + "/actuator/prometheus").statusCode());
      assertEquals(404, get(api + "/actuator/prometheus").statusCode());
    }
  }

  @Test
  void aConfigFileIsLookedForWhereTheCallerIsAndTheCommandLineStillWins() {
    var authority = new Authority("fermata-test");
    Path identity =
        authority.write(
            authority.issue("host-a", "spiffe://fermata/agent/host-a"), folder.resolve("identity"));
    var context =
        Fermata.start(
            Role.AGENT,
            List.of(
                "--config=config/agent.yml",
                "--fermata.agent.directory=" + folder,
                "--fermata.agent.data-plane.bind=127.0.0.1:0",
                "--fermata.identity.certificate=" + identity.resolve("tls.crt"),
                "--fermata.identity.private-key=" + identity.resolve("tls.key"),
                "--fermata.identity.authorities=" + identity.resolve("ca.crt"),
                "--server.port=0"));
    try (context) {
      var settings = context.getEnvironment();
      assertEquals("host-a", settings.getProperty("fermata.agent.host"));
      assertEquals(folder.toString(), settings.getProperty("fermata.agent.directory"));
    }
  }

  private List<String> settings(Role role) {
    return switch (role) {
      case ORCHESTRATOR -> List.of("--server.port=0");
      case AGENT ->
          List.of(
              "--server.port=0",
              "--fermata.agent.host=host-a",
              "--fermata.agent.directory=" + folder,
              "--fermata.agent.backend=emulated");
    };
  }

  private static Launch launch(
      @Nullable String property, @Nullable String variable, String... arguments) {
    return Launch.of(arguments, property, variable);
  }

  private static Role roleOf(Launch launch) {
    return assertInstanceOf(Launch.Run.class, launch).role();
  }

  private static HttpResponse<String> get(String uri) throws IOException, InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.ofString());
    }
  }
}

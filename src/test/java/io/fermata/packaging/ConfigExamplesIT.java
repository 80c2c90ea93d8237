package io.fermata.packaging;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.chaos.PackagedProcesses;
import io.fermata.wire.tls.Authority;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The files in {@code config/} as they stand. The command line only says where this test's disk,
 * certificates and network are; the names of the two hosts are given addresses of this machine's
 * loopback network.
 */
class ConfigExamplesIT {
  private static final Path JAR = Path.of(System.getProperty("fermata.jar"));
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String HOST_A = "127.84.0.1";
  private static final String HOST_B = "127.84.0.2";

  @TempDir private Path folder;
  private final Authority authority = new Authority("fermata-test");
  private PackagedProcesses processes;

  @BeforeEach
  void nameTheHosts() throws IOException {
    Path names = folder.resolve("hosts");
    Files.writeString(names, HOST_A + " host-a\n" + HOST_B + " host-b\n");
    processes = new PackagedProcesses(JAR, folder, List.of("-Djdk.net.hosts.file=" + names));
  }

  @AfterEach
  void end() {
    processes.close();
  }

  @Test
  void agentYmlIsReadWholeAndItsDevicesAreLookedFor() throws Exception {
    Path output = folder.resolve("list");
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var listing =
        new ProcessBuilder(java, "-jar", JAR.toString(), "agent", "--config=config/agent.yml")
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    listing.command().addAll(List.of("--list", "--fermata.agent.directory=" + folder));
    var process = listing.start();
    try {
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "still running after 60 s");
    } finally {
      process.destroyForcibly();
    }
    String table = Files.readString(output);
    assertEquals(0, process.exitValue(), table);
    assertTrue(table.startsWith("host host-a, 2 devices\n"), table);
    assertTrue(table.contains("\ngpu0 ") && table.contains("\nnic0 "), table);
  }

  @Test
  void theExamplesMoveASet() throws Exception {
    // What the file says of devices is about hardware; these two stand in for it.
    agent("host-a", HOST_A, "--config=config/agent.yml", ".vm=vm-llm-42");
    agent("host-b", HOST_B, "--fermata.agent.host=host-b", ".group=vm-llm-42");
    URI api = URI.create("http://127.0.0.1:" + PackagedProcesses.freePort() + "/api/v1/");
    List<String> settings =
        new ArrayList<>(
            List.of(
                "--spring.config.import=config/hosts.yml",
                "--server.port=" + api.getPort(),
                "--fermata.journal.directory=" + folder.resolve("journal")));
    settings.addAll(identity("orchestrator/one"));
    processes.start("orchestrator", settings, api.resolve("hosts"));
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          String hosts = processes.get(api.resolve("hosts")).body();
          assertEquals(3, hosts.split("READY", -1).length, hosts);
        });

    var started =
        processes.post(
            api.resolve("migrations"), Files.readString(Path.of("config/start-request.json")));

    assertEquals(202, started.statusCode(), started.body());
    String id = json(started.body()).path("id").stringValue();
    assertNotNull(id, started.body());
    var done = processes.get(api.resolve("migrations/" + id + "?wait=60s&until=done")).body();
    // A slow machine may use up the blackout budget of the example; then it is as it was.
    assertTrue(
        Set.of("SUCCEEDED", "ROLLED_BACK").contains(json(done).path("outcome").asString()), done);
    assertEquals("OPS-412 rail flapping", json(done).path("reason").asString(), done);
  }

  private void agent(String host, String address, String settings, String whose)
      throws IOException {
    List<String> all =
        new ArrayList<>(
            List.of(
                settings,
                "--fermata.agent.directory=" + folder.resolve("slate-" + host),
                "--server.address=" + address,
                // Who only looks whether it is there has no certificate.
                "--management.server.port=8092",
                "--management.server.ssl.enabled=false",
                "--fermata.agent.data-plane.bind=" + address + ":8091",
                "--fermata.agent.backend=emulated",
                "--fermata.agent.devices[0].name=gpu0",
                "--fermata.agent.devices[0].profile=gpu",
                "--fermata.agent.devices[0]" + whose,
                "--fermata.agent.devices[1].name=nic0",
                "--fermata.agent.devices[1].profile=connectx",
                "--fermata.agent.devices[1]" + whose));
    all.addAll(identity("agent/" + host));
    processes.start(
        "agent", all, URI.create("http://" + address + ":8092/actuator/health/readiness"));
  }

  private List<String> identity(String name) {
    Path files = folder.resolve("identity").resolve(name);
    authority.write(authority.issue(name, "spiffe://fermata/" + name), files);
    return Authority.settings(files);
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }
}

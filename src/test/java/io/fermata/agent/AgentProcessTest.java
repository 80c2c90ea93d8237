package io.fermata.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.Fermata;
import io.fermata.device.DeviceName;
import io.fermata.fleet.AgentUnreachable;
import io.fermata.fleet.HttpAgentClient;
import io.fermata.handover.HostName;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import io.fermata.wire.AgentStatus;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent as a process of its own: killed, misconfigured, with a slate that is damaged. */
class AgentProcessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long START_SECONDS = 60;

  private final List<Process> started = new ArrayList<>();
  @TempDir private Path folder;

  @AfterEach
  void endWhatIsLeft() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void afterAKillTheClaimsAreThereAgainAndTheSetRunsAgain() throws Exception {
    int port = freePort();
    URI url = AgentRig.url(String.valueOf(port));
    try (var client = new HttpAgentClient(AgentRig.CODEC, PATIENCE)) {
      Process first = agent(port);
      AgentStatus before = up(client, url);
      ask(client, url, new Request.ClaimSource(AgentRig.waiting(0), claim()));
      var quiesced = ask(client, url, new Request.Quiesce(AgentRig.waiting(5_000)));
      assertEquals(Progress.REACHED, quiesced.report().progress());

      first.destroyForcibly().waitFor();
      var gone = unreachable(client, url);
      assertEquals(AgentUnreachable.Kind.REFUSED, gone.kind());

      agent(port);
      AgentStatus after = up(client, url);
      assertEquals(before.incarnation(), after.incarnation());
      assertNotEquals(before.agent(), after.agent());
      assertEquals("m0001", after.claims().getFirst().migration().value());
      var renewed = ask(client, url, new Request.Renew(AgentRig.waiting(5_000)));
      assertEquals(quiesced.report().stop(), renewed.report().stop(), "the stop is on the slate");
      var again = ask(client, url, new Request.Quiesce(AgentRig.waiting(5_000)));
      assertEquals(2, again.report().stop().number(), "a stop number is never used again");
    }
  }

  @Test
  void withADamagedSlateItStaysUpAndMovesNothing() throws Exception {
    Files.createDirectories(folder.resolve("d"));
    Files.writeString(folder.resolve("d/slate"), "fermata-slate 1 abc 00000000\n");
    int port = freePort();
    URI url = AgentRig.url(String.valueOf(port));
    try (var client = new HttpAgentClient(AgentRig.CODEC, PATIENCE)) {
      agent(port);
      AgentStatus status = up(client, url);
      assertNotNull(status.quiet());
      assertTrue(status.quiet().contains("first line"), status.quiet());
      var answer =
          client.ask(url, new Request.ClaimSource(AgentRig.waiting(0), claim()), PATIENCE).join();
      assertEquals(Refusal.Code.SLATE_UNREADABLE, answer.refusal().code());
      assertEquals("fermata-slate 1 abc 00000000\n", Files.readString(folder.resolve("d/slate")));
    }
  }

  @Test
  void aHostWithoutASlateMovesNothingUntilOneIsMadeForIt() throws Exception {
    Path slate = folder.resolve("new");
    List<String> arguments = new ArrayList<>(List.of("agent"));
    int port = freePort();
    String never = "--fermata.agent.create-slate=false";
    arguments.addAll(AgentRig.settings("host-a", slate, port, never));
    Process before = run(arguments);
    URI url = AgentRig.url(String.valueOf(port));
    try (var client = new HttpAgentClient(AgentRig.CODEC, PATIENCE)) {
      AgentStatus status = up(client, url);
      assertNotNull(status.quiet());
      assertTrue(status.quiet().contains("there is no slate in " + slate), status.quiet());
      assertTrue(status.quiet().contains("agent --init"), status.quiet());
      assertFalse(Files.exists(slate), "an empty mount point stays as it is");
      before.destroyForcibly().waitFor();
      for (String said : List.of("has a new slate", "has a slate already")) {
        List<String> init = new ArrayList<>(arguments);
        init.add("--init");
        assertTrue(run(init).waitFor(START_SECONDS, TimeUnit.SECONDS));
        assertTrue(output().contains("host-a " + said), output());
      }
      run(arguments);
      assertNull(up(client, url).quiet());
    }
  }

  @Test
  void withoutSettingsItSaysWhatIsMissingAndExits2() throws Exception {
    Process process = run(List.of("agent", "--server.port=0"));
    assertTrue(process.waitFor(START_SECONDS, TimeUnit.SECONDS));
    String out = output();
    assertEquals(2, process.exitValue(), out);
    assertTrue(out.contains("fermata.agent.host: missing"), out);
    assertTrue(out.contains("fermata.agent.directory: missing"), out);
    assertTrue(out.contains("fermata.agent.backend: missing"), out);
  }

  @Test
  void aFileNamedOnTheCommandLineIsReadAndListPrintsTheDevices() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("agent.yml"),
            """
            fermata.agent:
              host: host-a
              directory: %s
              backend: emulated
              emulated:
                demo: source
              devices:
                - {name: gpu-x, profile: gpu, vm: vm-9}
            """
                .formatted(folder.resolve("d")));
    Process process = run(List.of("agent", "--list", "--config=" + file));
    assertTrue(process.waitFor(START_SECONDS, TimeUnit.SECONDS));
    String out = output();
    assertEquals(0, process.exitValue(), out);
    assertTrue(out.startsWith("host host-a\nDEVICE"), out);
    assertTrue(out.contains("gpu-x") && out.contains("vm-9") && out.contains("nvme0"), out);
    assertEquals(20, out.lines().count(), out);
  }

  @Test
  void aMisspeltSettingIsAnError() throws Exception {
    List<String> settings = new ArrayList<>(AgentRig.settings("host-a", folder, 0));
    settings.addFirst("agent");
    settings.add("--fermata.agent.dircetory=/x");
    Process process = run(settings);
    assertTrue(process.waitFor(START_SECONDS, TimeUnit.SECONDS));
    assertNotEquals(0, process.exitValue());
    assertTrue(output().contains("dircetory"), output());
  }

  private ClaimSpec claim() {
    var gpu = new ClaimSpec.DevicePair(new DeviceName("gpu0"), new DeviceName("gpu0"));
    var nic = new ClaimSpec.DevicePair(new DeviceName("nic0"), new DeviceName("nic0"));
    return new ClaimSpec(
        "vm-1",
        List.of(gpu, nic),
        new HostName("host-a"),
        new HostName("host-b"),
        "http://127.0.0.1:1",
        AgentRig.silentDataPlane(),
        "secret",
        60_000);
  }

  private static Answer ask(HttpAgentClient client, URI url, Request request) {
    Answer answer = client.ask(url, request, PATIENCE).join();
    assertEquals(null, answer.refusal(), answer::toString);
    return answer;
  }

  private static AgentStatus up(HttpAgentClient client, URI url) {
    return await()
        .atMost(START_SECONDS, TimeUnit.SECONDS)
        .ignoreExceptions()
        .until(() -> client.status(url, PATIENCE).join(), status -> true);
  }

  private static AgentUnreachable unreachable(HttpAgentClient client, URI url) {
    try {
      throw new AssertionError("answered: " + client.status(url, PATIENCE).join());
    } catch (CompletionException e) {
      return (AgentUnreachable) e.getCause();
    }
  }

  private Process agent(int port) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("agent"));
    arguments.addAll(AgentRig.settings("host-a", folder.resolve("d"), port, AgentRig.ofVm("vm-1")));
    return run(arguments);
  }

  private Process run(List<String> arguments) throws IOException {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command = new ArrayList<>(List.of(java, "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Fermata.class.getName()));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("out").toFile())
            .start();
    started.add(process);
    return process;
  }

  private String output() throws IOException {
    return new String(Files.readAllBytes(folder.resolve("out")), UTF_8);
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}

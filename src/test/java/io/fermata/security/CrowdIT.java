package io.fermata.security;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.chaos.PackagedProcesses;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A set is half-way into the barrier when a crowd falls upon the API and both agents: connections
 * that say nothing, ones that say it slowly, and ones that say too much. The barrier does not mind.
 */
class CrowdIT {
  private static final Path JAR = Path.of(System.getProperty("fermata.jar"));
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int IDLE = 10_000;
  private static final int IDLE_AT_AGENTS = 1_000;
  private static final int SLOW = 200;
  private static final String HEAD = "POST /api/v1/plans HTTP/1.1\r\nHost: x\r\n";

  @TempDir private Path folder;
  private PackagedProcesses processes;
  private final List<SocketChannel> crowd = new ArrayList<>();
  private final List<URI> agents = new ArrayList<>();
  private URI orchestrator;
  private URI api;

  @BeforeEach
  void start() throws IOException {
    processes = new PackagedProcesses(JAR, folder, List.of());
    agents.add(agent("host-a", ".vm=vm-1"));
    agents.add(agent("host-b", ".group=vm-1"));
    orchestrator = URI.create("http://127.0.0.1:" + PackagedProcesses.freePort() + "/");
    api = orchestrator.resolve("/api/v1/");
    List<String> settings = new ArrayList<>();
    settings.add("--server.port=" + orchestrator.getPort());
    settings.add("--fermata.journal.directory=" + folder.resolve("journal"));
    settings.add("--fermata.fleet.hosts[0].name=host-a");
    settings.add("--fermata.fleet.hosts[0].agent=" + agents.getFirst());
    settings.add("--fermata.fleet.hosts[1].name=host-b");
    settings.add("--fermata.fleet.hosts[1].agent=" + agents.getLast());
    // The barrier is held open while the crowd comes: longer than any crowd takes here.
    settings.add("--fermata.migration.deadlines.quiescing=120s");
    // And nobody of the crowd is put out before it is all there.
    settings.add("--server.tomcat.connection-timeout=120s");
    settings.addAll(List.of(System.getProperty("fermata.crowd", "").split(" ")));
    settings.removeIf(String::isEmpty);
    processes.start("orchestrator", settings, orchestrator.resolve("/readyz"));
    await()
        .atMost(PATIENCE)
        .until(() -> processes.get(api.resolve("hosts")).body().split("READY", -1).length == 3);
  }

  private URI agent(String host, String whose) throws IOException {
    URI at = URI.create("http://127.0.0.1:" + PackagedProcesses.freePort() + "/");
    processes.start(
        "agent",
        List.of(
            "--server.port=" + at.getPort(),
            "--fermata.agent.host=" + host,
            "--fermata.agent.directory=" + folder.resolve("slate-" + host),
            "--fermata.agent.backend=emulated",
            "--fermata.agent.timings.hop=120s",
            "--fermata.agent.devices[0].name=gpu0",
            "--fermata.agent.devices[0].profile=gpu",
            "--fermata.agent.devices[0]" + whose,
            "--fermata.agent.devices[1].name=nic0",
            "--fermata.agent.devices[1].profile=connectx",
            "--fermata.agent.devices[1]" + whose),
        at.resolve("/readyz"));
    return at;
  }

  @AfterEach
  void end() throws IOException {
    for (SocketChannel each : crowd) {
      each.close();
    }
    processes.close();
  }

  @Test
  void aCrowdDoesNoHarmToABarrierInProgress() throws Exception {
    hang();
    String id = moveTheSet();
    await().atMost(PATIENCE).until(() -> phase(id).equals("QUIESCING"));

    idle(orchestrator, IDLE);
    for (URI agent : agents) {
      idle(agent, IDLE_AT_AGENTS);
    }
    say(SLOW, "GET /api/v1/hosts HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    say(SLOW, HEAD + "Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{");
    bombs();

    assertEquals("QUIESCING", phase(id), "held open all the while");
    assertEquals(200, processes.get(orchestrator.resolve("/livez")).statusCode());
    assertTrue(everybodyIsStillThere(), "it answered because some of the crowd had gone");
    release();
    await().atMost(PATIENCE).until(() -> phase(id).equals("DONE"));
    assertEquals("SUCCEEDED", migration(id).path("outcome").asString(), migration(id).toString());
    String counters =
        processes.get(agents.getFirst().resolve("/agent/v1/emulated/counters")).body();
    assertEquals(0, json(counters).path("lostDma").asInt(), counters);
  }

  private void hang() throws IOException {
    var fault =
        processes.post(
            agents.getFirst().resolve("/agent/v1/emulated/faults"),
            "{\"device\":\"gpu0\",\"fault\":{\"kind\":\"HANG\",\"to\":\"RUNNING_P2P\","
                + "\"occurrence\":1,\"errno\":5,\"after\":0}}");
    assertEquals(200, fault.statusCode(), fault.body());
  }

  private void release() throws IOException {
    var done =
        processes.post(agents.getFirst().resolve("/agent/v1/emulated/devices/gpu0/release"), "{}");
    assertTrue(json(done.body()).path("released").asBoolean(), done.body());
  }

  private String moveTheSet() throws IOException {
    var started =
        processes.post(
            api.resolve("migrations"),
            "{\"vm\":\"vm-1\",\"source\":\"host-a\",\"destination\":\"host-b\","
                + "\"preCopy\":{\"enabled\":false}}");
    assertEquals(202, started.statusCode(), started.body());
    return json(started.body()).path("id").asString();
  }

  /** Connections of which nothing is ever heard. */
  private void idle(URI at, int number) throws IOException {
    for (int i = 0; i < number; i++) {
      crowd.add(
          SocketChannel.open(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), at.getPort())));
    }
  }

  private boolean everybodyIsStillThere() throws IOException {
    for (SocketChannel each : crowd.subList(0, IDLE)) {
      each.configureBlocking(false);
      if (each.read(ByteBuffer.allocate(1)) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Connections that begin and do not go on. */
  private void say(int number, String begin) throws IOException {
    for (int i = 0; i < number; i++) {
      var channel =
          SocketChannel.open(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), orchestrator.getPort()));
      crowd.add(channel);
      channel.write(ByteBuffer.wrap(begin.getBytes(US_ASCII)));
    }
  }

  private void bombs() throws IOException {
    String endless = "X-Bomb: " + "b".repeat(1 << 20) + "\r\n\r\n";
    assertEquals("400", answer("GET /api/v1/hosts HTTP/1.1\r\nHost: x\r\n" + endless));
    String many = "X-A: 1\r\n".repeat(5_000) + "\r\n";
    assertEquals("400", answer("GET /api/v1/hosts HTTP/1.1\r\nHost: x\r\n" + many));
    String json = "Content-Type: application/json\r\n";
    String large = "Content-Length: 1073741824\r\n\r\n" + "[".repeat(1 << 16);
    assertEquals("413", answer(HEAD + json + large));
    String chunk = "10000\r\n" + "[".repeat(1 << 16) + "\r\n";
    assertEquals(
        "413", answer(HEAD + json + "Transfer-Encoding: chunked\r\n\r\n" + chunk.repeat(40)));
    String deep = "[".repeat(100_000);
    String length = "Content-Length: " + deep.length() + "\r\n\r\n";
    assertEquals("400", answer(HEAD + json + length + deep));
  }

  /** The status that a raw request is answered with. */
  private String answer(String request) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), orchestrator.getPort())) {
      socket.setSoTimeout(30_000);
      try {
        socket.getOutputStream().write(request.getBytes(US_ASCII));
      } catch (IOException shut) {
        // It did not want to hear the rest; what it said before that is read below.
      }
      byte[] first = socket.getInputStream().readNBytes(12);
      return new String(first, US_ASCII).replaceFirst("^HTTP/1.1 ", "");
    }
  }

  private String phase(String id) throws IOException {
    return migration(id).path("phase").asString();
  }

  private JsonNode migration(String id) throws IOException {
    return json(processes.get(api.resolve("migrations/" + id)).body());
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }
}

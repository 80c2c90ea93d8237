package io.fermata.chaos;

import static io.fermata.device.DeviceState.RUNNING;
import static io.fermata.device.DeviceState.RUNNING_P2P;
import static io.fermata.device.DeviceState.STOP;
import static io.fermata.device.DeviceState.STOP_COPY;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.Goal;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged jar, three processes, a real SIGKILL in the middle of a phase that one device holds
 * open, and a restart on the same journal. Without pre-copy, so that the hops are those named here.
 */
class OrchestratorKilledIT {
  private static final Path JAR = Path.of(System.getProperty("fermata.jar"));
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]+)\"");
  private static final Pattern OUTCOME = Pattern.compile("\"outcome\":\"([^\"]+)\"");

  @TempDir private Path folder;
  private PackagedProcesses processes;
  private Hosts hosts;
  private URI api;

  @AfterEach
  void endWhatIsLeft() {
    hosts.close();
    processes.close();
  }

  @Test
  void killedInTheMiddleOfAPhaseAndRestarted() throws Exception {
    processes = new PackagedProcesses(JAR, folder);
    startTheAgents();
    Process first = orchestrator();
    var quiesce = Hosts.Fault.hang("gpu3", RUNNING, RUNNING_P2P);
    Process second = killed(first, "host-a", quiesce, Goal.QUIESCED);
    var copy = Hosts.Fault.hang("nic5", STOP, STOP_COPY);
    Process third = killed(second, hosts.owner(), copy, Goal.COPYING);
    var thaw = Hosts.Fault.hang("gpu7", STOP, RUNNING_P2P);
    killed(third, hosts.other(hosts.owner()), thaw, Goal.RUNNING);
  }

  /** Moves the set, kills while that host's device stands still, and lets a successor end it. */
  private Process killed(Process orchestrator, String slow, Hosts.Fault fault, Goal goal)
      throws Exception {
    String from = hosts.owner();
    String to = hosts.other(from);
    hosts.inject(slow, fault);
    String order =
        "{\"vm\":\"%s\",\"source\":\"%s\",\"destination\":\"%s\",\"preCopy\":{\"enabled\":false}}"
            .formatted(Hosts.VM, from, to);
    String taken = processes.post(api.resolve("migrations"), order).body();
    var id = ID.matcher(taken);
    assertTrue(id.find(), taken);
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> hosts.status(slow).claims().stream().anyMatch(c -> c.goal() == goal));

    orchestrator.destroyForcibly().waitFor();
    await().atMost(PATIENCE).until(() -> hosts.release(slow, fault.device()));
    Process successor = orchestrator();
    URI migration = api.resolve("migrations/" + id.group(1));
    String outcome = await().atMost(PATIENCE).until(() -> outcome(migration), o -> !o.isEmpty());
    String runsOn = outcome.equals("SUCCEEDED") ? to : from;
    hosts.awaitAtRest(runsOn);
    assertTrue(List.of("SUCCEEDED", "ROLLED_BACK").contains(outcome), outcome);
    System.out.printf(
        "SIGKILL while %s stood still on %s, %s->%s -> %s, runs on %s%n",
        fault.device(), slow, from, to, outcome, runsOn);
    return successor;
  }

  private String outcome(URI migration) throws IOException {
    var found = OUTCOME.matcher(processes.get(migration).body());
    return found.find() ? found.group(1) : "";
  }

  private void startTheAgents() throws IOException {
    SortedMap<String, URI> urls = new TreeMap<>();
    for (String host : List.of("host-a", "host-b")) {
      int port = PackagedProcesses.freePort();
      URI url = URI.create("http://127.0.0.1:" + port);
      String end = host.equals("host-a") ? "source" : "destination";
      processes.start(
          "agent", AgentPair.settings(host, folder, end, port), url.resolve("/agent/v1/status"));
      urls.put(host, url);
    }
    hosts = new Hosts(urls);
    assertEquals("host-a", hosts.owner());
  }

  private Process orchestrator() throws IOException {
    int port = PackagedProcesses.freePort();
    api = URI.create("http://127.0.0.1:" + port + "/api/v1/");
    List<String> settings = new ArrayList<>(hosts.inventory());
    settings.add("--server.port=" + port);
    settings.add("--fermata.journal.directory=" + folder.resolve("journal"));
    return processes.start("orchestrator", settings, api.resolve("hosts"));
  }
}

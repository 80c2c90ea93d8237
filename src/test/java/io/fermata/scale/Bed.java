package io.fermata.scale;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fermata.chaos.process.DeviceLine;
import io.fermata.chaos.process.Judge;
import io.fermata.device.DeviceState;
import io.fermata.fleet.HttpAgentClient;
import io.fermata.wire.AgentStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The bed: all hosts of a {@link Layout}, a share of them in each {@link BedProcess}. */
final class Bed implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Layout layout;
  private final Path folder;
  private final List<String> options;
  private final int share;
  private final SortedMap<Integer, URI> agents = new ConcurrentSkipListMap<>();
  private final List<Process> processes = new ArrayList<>();
  private final HttpAgentClient client = new HttpAgentClient(PATIENCE);

  /**
   * Starts all hosts and waits until they answer.
   *
   * @param options for each JVM
   */
  Bed(Layout layout, Path folder, int processCount, List<String> options) throws IOException {
    this.layout = layout;
    this.folder = Files.createDirectories(folder);
    this.options = options;
    this.share = (layout.hosts() + processCount - 1) / processCount;
    List<Thread> starting = new ArrayList<>();
    for (int p = 0; p < processCount; p++) {
      Process process = launch(p);
      processes.add(process);
      starting.add(Thread.ofVirtual().start(() -> awaitReady(process)));
    }
    for (Thread each : starting) {
      join(each);
    }
    if (agents.size() < layout.hosts()) {
      close();
      throw new IllegalStateException("some of the hosts did not start, see " + folder);
    }
  }

  private Process launch(int number) throws IOException {
    int first = number * share;
    int count = Math.min(share, layout.hosts() - first);
    List<String> command = Jvms.command(options, BedProcess.class);
    command.addAll(List.of(folder.toString(), String.valueOf(first), String.valueOf(count)));
    return new ProcessBuilder(command)
        .redirectError(folder.resolve("bed-" + number + ".log").toFile())
        .start();
  }

  /** Reads on for ever, so that the process can say what it likes. */
  private void awaitReady(Process process) {
    var in = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    try {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String said = line.startsWith(BedProcess.SAYS) ? line.substring(4) : "";
        if (said.startsWith("up ")) {
          String[] words = said.split(" ");
          agents.put(Integer.valueOf(words[1]), URI.create("http://127.0.0.1:" + words[2]));
        } else if (said.equals("ready")) {
          var _ = Thread.ofVirtual().start(() -> in.lines().forEach(l -> {}));
          return;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Layout layout() {
    return layout;
  }

  URI agent(int host) {
    return agents.get(host);
  }

  /** Writes the inventory and says how an orchestrator is told of it. */
  String inventory() throws IOException {
    StringBuilder yaml = new StringBuilder("fermata:\n  fleet:\n    hosts:\n");
    agents.forEach((host, at) ->
        yaml.append("      - {name: %s, agent: \"%s\"}%n".formatted(Layout.host(host), at)));
    Path file = folder.resolve("hosts.yml");
    Files.writeString(file, yaml);
    return "--spring.config.import=" + file;
  }

  /** Closes one agent as a supervisor would and starts it again on its slate, some time soon. */
  void restart(int host) throws IOException {
    Process process = processes.get(host / share);
    process.getOutputStream().write(("restart " + host + "\n").getBytes(UTF_8));
    process.getOutputStream().flush();
  }

  /** A host as its agent shows it. */
  AgentStatus status(int host) {
    return client.status(agents.get(host), PATIENCE).join();
  }

  /** Who owns what now: the hosts of each set on which all or some of its devices are. */
  SortedMap<String, List<Holding>> holdings() {
    SortedMap<String, List<Holding>> all = new TreeMap<>();
    for (int host = 0; host < layout.hosts(); host++) {
      SortedMap<String, List<AgentStatus.Device>> here = new TreeMap<>();
      for (AgentStatus.Device device : status(host).devices()) {
        if (device.vm() != null) {
          here.computeIfAbsent(device.vm(), vm -> new ArrayList<>()).add(device);
        }
      }
      for (var each : here.entrySet()) {
        var found = new Holding(host, each.getValue());
        all.computeIfAbsent(each.getKey(), vm -> new ArrayList<>()).add(found);
      }
    }
    return all;
  }

  /** What one host has of one set. */
  record Holding(int host, List<AgentStatus.Device> devices) {
    /** {@code u} or {@code f}. */
    String place() {
      return devices.getFirst().name().value().substring(0, 1);
    }

    boolean runs(int set) {
      return devices.size() == Layout.SETS.get(set).size()
          && devices.stream().allMatch(d -> d.state() == DeviceState.RUNNING && d.claim() == null);
    }
  }

  /** Every set that does not run, whole and unclaimed, on exactly one host. */
  List<String> astray() {
    SortedMap<String, List<Holding>> holdings = holdings();
    List<String> astray = new ArrayList<>();
    for (int host = 0; host < layout.hosts(); host++) {
      for (int set = 0; set < Layout.SETS.size(); set++) {
        List<Holding> found = holdings.getOrDefault(Layout.vm(host, set), List.of());
        if (found.size() != 1 || !found.getFirst().runs(set)) {
          astray.add(Layout.vm(host, set) + ": " + found);
        }
      }
    }
    return astray;
  }

  /** Everything that the devices wrote, in the order of the machine's clock. */
  List<DeviceLine> lines() throws IOException {
    List<DeviceLine> all = new ArrayList<>();
    for (int host = 0; host < layout.hosts(); host++) {
      try (Stream<String> lines = Files.lines(BedProcess.events(folder, host))) {
        lines.forEach(line -> DeviceLine.of(line).ifPresent(all::add));
      }
    }
    all.sort(Comparator.comparingLong(DeviceLine::nanos));
    return all;
  }

  /** What the judge of the chaos cells finds in them. */
  static List<String> violations(List<DeviceLine> lines) {
    Judge judge = new Judge();
    lines.forEach(judge::take);
    return judge.violations();
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    client.close();
    processes.forEach(Process::destroyForcibly);
    for (Process process : processes) {
      try {
        process.waitFor(10, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

package io.fermata.lab;

import static java.util.stream.Collectors.joining;

import io.fermata.device.DeviceState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;

/**
 * One host of the kernel lab: a machine that {@code host.sh} holds, with an agent inside. It ends
 * with this JVM, however that ends, because it ends with its standard input.
 */
final class LabHost implements AutoCloseable {
  private static final Duration BOOT = Duration.ofMinutes(3);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final int CONTROL = 8090;
  private static final int DATA = 9090;

  private final Plan plan;
  private final Path share;
  private final Process machine;
  private final List<Row> devices;

  /**
   * What is to be started.
   *
   * @param control port outside that leads to the agent
   * @param data port outside that leads to its data plane
   */
  record Plan(String name, int onePort, int twoPort, int control, int data) {
    /** Where other lab hosts find the agent; 10.0.2.2 is the outside's loopback. */
    String peer() {
      return "http://10.0.2.2:" + control;
    }

    String agent() {
      return "http://127.0.0.1:" + control;
    }
  }

  /** One line of the device table. */
  record Row(String name, String uuid, int ports, String path) {
    static Row of(String line) {
      List<String> cells = List.of(line.split("\t", -1));
      return new Row(cells.get(0), cells.get(1), Integer.parseInt(cells.get(2)), cells.get(3));
    }
  }

  private LabHost(Plan plan, Path share, Process machine) throws IOException {
    this.plan = plan;
    this.share = share;
    this.machine = machine;
    awaitReady();
    this.devices = Files.readAllLines(share.resolve("devices.tsv")).stream().map(Row::of).toList();
  }

  /** Boots it below that directory; returns when its devices exist. No agent runs yet. */
  static LabHost boot(Plan plan, Path below) {
    try {
      Path share = Files.createDirectories(below.resolve(plan.name()));
      List<String> arguments = new ArrayList<>(List.of("--name", plan.name()));
      arguments.addAll(List.of("--share", share.toString(), "--until-eof"));
      arguments.addAll(List.of("--one-port", "" + plan.onePort()));
      arguments.addAll(List.of("--two-port", "" + plan.twoPort()));
      arguments.addAll(List.of("--forward", plan.control() + ":" + CONTROL));
      arguments.addAll(List.of("--forward", plan.data() + ":" + DATA));
      Process machine =
          Script.of("host.sh", arguments)
              .redirectOutput(share.resolve("host.out").toFile())
              .start();
      return new LabHost(plan, share, machine);
    } catch (IOException e) {
      throw new UncheckedIOException("booting " + plan, e);
    }
  }

  private void awaitReady() {
    Awaitility.await(plan.name() + " is ready")
        .atMost(BOOT)
        .until(() -> Files.exists(share.resolve("ready")) || !machine.isAlive());
    if (!machine.isAlive()) {
      throw new AssertionError(plan.name() + " did not boot: " + read("host.out"));
    }
  }

  Plan plan() {
    return plan;
  }

  List<Row> devices() {
    return devices;
  }

  Row device(String name) {
    return devices.stream().filter(d -> d.name().equals(name)).findFirst().orElseThrow();
  }

  /**
   * How an agent is started.
   *
   * @param launch JVM arguments up to the jar
   * @param owners the virtual machine of each device that has one
   * @param trial the trial settings, as YAML list entries
   * @param slate the slate's folder in the share
   * @param how what else is said of a device, such as {@code hold: adopt}; empty for nothing
   */
  record Start(
      String launch,
      Map<String, String> owners,
      List<String> trial,
      String slate,
      UnaryOperator<String> how) {

    private String devices(List<Row> rows) {
      List<String> entries = new ArrayList<>();
      for (Row row : rows) {
        String vm = owners.get(row.name());
        String owner = vm == null ? "" : ", vm: " + vm;
        String said = how.apply(row.name());
        String more = said.isEmpty() ? "" : ", " + said;
        entries.add(
            "    - {name: %s, mdev: %s%s%s}".formatted(row.name(), row.uuid(), owner, more));
      }
      return String.join("\n", entries);
    }
  }

  /** Starts it, with every device that the host has, opened by the agent itself. */
  void startAgent(String launch, Map<String, String> owners, List<String> trial) {
    startAgent(new Start(launch, owners, trial, "slate", device -> ""));
  }

  /**
   * Writes what the agent is started with, and starts it; returns when it was started, not when it
   * answers.
   */
  void startAgent(Start start) {
    String settings =
        """
        server: {address: 0.0.0.0, port: %d}
        fermata.insecure-bind: true
        fermata.agent:
          host: %s
          directory: %s
          backend: kernel
          create-slate: true
          data-plane: {bind: "0.0.0.0:%d", advertised: "10.0.2.2:%d", tls: off, grace: 10s}
          timings: {hop: 20s, peer-timeout: 30s}
          holding: {socket: %s, retry: 1s}
          devices:
        %s
          trial: [%s]
        """
            .formatted(
                CONTROL,
                plan.name(),
                share.resolve(start.slate()),
                DATA,
                plan.data(),
                HOLD_SOCKET,
                start.devices(devices),
                String.join(", ", start.trial()));
    String command =
        "exec java @%s/jvm.options %s agent --config=%s/agent.yml\n"
            .formatted(Script.LAB, start.launch(), share);
    try {
      Files.writeString(share.resolve("agent.yml"), settings);
      Files.writeString(share.resolve("agent-command"), command);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    tell("start-agent");
  }

  /** Where a machine may send its devices to the agent. */
  static final String HOLD_SOCKET = "/run/lab/hold.sock";

  /**
   * Starts a process that holds every device as a VMM does, until the host ends; an agent may be
   * killed and started beside it.
   *
   * @param sent which of them it sends to the agent
   */
  void startVmm(List<String> sent) {
    String verb = "send " + HOLD_SOCKET + " " + String.join(",", sent);
    String all = devices.stream().map(d -> d.name() + "=" + d.path()).collect(joining(" "));
    String classes =
        Path.of("target/test-classes").toAbsolutePath()
            + ":"
            + Path.of("target/classes").toAbsolutePath();
    String java = "java @" + Script.LAB + "/jvm.options -cp " + classes + " ";
    String vmm = java + StandInVmm.class.getName() + " " + verb + " " + all;
    String there = "cd " + share + "; setsid " + vmm;
    run(there + " >" + share + "/vmm.log 2>&1 & echo $! >" + share + "/vmm.pid", "vmm");
  }

  /** Its process number, on this host. */
  String vmm() {
    return read("vmm.pid").strip();
  }

  /** Has that process reset a device that it holds, and waits until it has. */
  void resetByVmm(String device) {
    Path wish = share.resolve("vmm.reset");
    try {
      Path part = Files.writeString(share.resolve("vmm.reset.part"), device);
      Files.move(part, wish, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Awaitility.await(plan.name() + "'s VMM has reset " + device)
        .atMost(PATIENCE)
        .until(() -> Files.notExists(wish));
  }

  /** What the agent lists, as an operator reads it. */
  String listing() {
    URI devices = URI.create(plan.agent() + "/agent/v1/devices?o=text");
    var request = HttpRequest.newBuilder(devices).timeout(PATIENCE).build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** {@code start-agent}, {@code kill-agent}, {@code stop-agent}; returns when it is done. */
  void tell(String request) {
    Script.run(Script.of("tell.sh", List.of(share.toString(), request)), PATIENCE)
        .good("telling " + plan.name() + " to " + request);
  }

  /** {@code running PID} or {@code ended CODE}. */
  String agentState() {
    return read("agent.state").strip();
  }

  /** The kernel's own word on where the devices are, past any owner. */
  Map<String, DeviceState> witnessed() {
    String each = "/sys/kernel/debug/vfio/$uuid/migration/state";
    String uuids = devices.stream().map(Row::uuid).collect(joining(" "));
    String out =
        run("for uuid in " + uuids + "; do echo $uuid $(cat " + each + "); done", "witness");
    Map<String, DeviceState> states = new TreeMap<>();
    for (Row row : devices) {
      String line = out.lines().filter(l -> l.startsWith(row.uuid())).findFirst().orElseThrow();
      states.put(row.name(), DeviceState.valueOf(line.substring(row.uuid().length()).strip()));
    }
    return states;
  }

  /** Runs a shell inside and returns what it wrote; it must succeed. */
  String run(String commands, String what) {
    return Script.run(Script.of("tell.sh", List.of(share.toString(), "run", commands)), PATIENCE)
        .good(what + " on " + plan.name())
        .out();
  }

  /** The same for what may take minutes under emulation. */
  String patiently(String commands, String what) {
    ProcessBuilder tell = Script.of("tell.sh", List.of(share.toString(), "run", commands));
    tell.environment().put("FERMATA_LAB_PATIENCE", Long.toString(LONG.toSeconds()));
    return Script.run(tell, LONG.plusSeconds(10)).good(what + " on " + plan.name()).out();
  }

  /** Gives each device a byte of its own; no agent may run. */
  void stamp(Map<String, Integer> stamps) {
    List<String> arguments = new ArrayList<>(List.of("stamp"));
    stamps.forEach((name, value) -> arguments.addAll(List.of(device(name).path(), "" + value)));
    probe(arguments);
  }

  /** The byte that each device holds, read from its register; no agent may run. */
  Map<String, Integer> stamps() {
    List<String> arguments = new ArrayList<>(List.of("state"));
    devices.forEach(d -> arguments.add(d.path()));
    String out = probe(arguments);
    Map<String, Integer> stamps = new TreeMap<>();
    for (Row row : devices) {
      String line = out.lines().filter(l -> l.startsWith(row.path() + " ")).findFirst().get();
      stamps.put(row.name(), Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1), 16));
    }
    return stamps;
  }

  /** Runs the probe inside and returns what it wrote; it must succeed. */
  String probe(List<String> arguments) {
    List<String> all = new ArrayList<>(List.of(share.toString()));
    all.addAll(arguments);
    return Script.run(Script.of("probe/run.sh", all), PATIENCE)
        .good("the probe on " + plan.name())
        .out();
  }

  Path share() {
    return share;
  }

  String read(String file) {
    try {
      return Files.readString(share.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      machine.getOutputStream().close();
      if (!machine.waitFor(20, TimeUnit.SECONDS)) {
        machine.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("ending " + plan.name(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      machine.destroyForcibly();
    }
  }
}

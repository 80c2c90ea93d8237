package io.fermata.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Two lab hosts that have systemd, as the page for hypervisors finds them: nothing is set up. */
final class HypervisorLab implements AutoCloseable {
  /** Of each host, what the page calls dev0 and dev1. */
  static final List<String> SET = List.of("mtty0", "mtty1");

  private static final int SOURCE_STAMP = 0x31;
  private static final int DESTINATION_STAMP = 0xb1;
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final Path folder;
  private final Typist source;
  private final Typist destination;
  private final Shell shell;
  private final List<AutoCloseable> open = new ArrayList<>();

  /** Where commands are typed. */
  interface Keyboard {
    /** What the commands print; each must succeed. */
    String type(String commands);
  }

  /** A person at a host, as root. */
  record Typist(LabHost host, Map<String, String> knows) implements Keyboard {
    @Override
    public String type(String commands) {
      StringBuilder script = new StringBuilder("set -eu\n");
      knows.forEach((name, value) -> script.append("%s='%s'%n".formatted(name, value)));
      Path file = host.share().resolve("typed.sh");
      try {
        Files.writeString(file, script + commands);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return host.patiently("%s/system.sh run %s".formatted(Script.LAB, file), commands);
    }
  }

  HypervisorLab(Path jar) {
    this.folder = Path.of("target/lab").toAbsolutePath();
    Lab.cleared(folder, List.of("host-a", "host-b", "orchestrator"));
    List<Integer> ports = Lab.freePorts(5);
    var first = new LabHost.Plan("host-a", SET.size(), 0, ports.get(0), ports.get(1));
    var second = new LabHost.Plan("host-b", SET.size(), 0, ports.get(2), ports.get(3));
    var sourceUp = Lab.later(() -> booted(first, SOURCE_STAMP));
    var destinationUp = Lab.later(() -> booted(second, DESTINATION_STAMP));
    try {
      String launch = Lab.quickStart(jar, folder);
      var begun = Lab.later(() -> typist(sourceUp.join(), launch));
      this.destination = typist(destinationUp.join(), launch);
      this.source = begun.join();
      var known = knows(jar, first, second, ports.get(4));
      this.shell = kept(new Shell(folder.resolve("orchestrator"), known));
    } catch (RuntimeException | Error e) {
      sourceUp.handle((done, fault) -> fault).join();
      destinationUp.handle((done, fault) -> fault).join();
      close();
      throw e;
    }
  }

  private static Typist typist(LabHost host, String launch) {
    host.patiently("%s/system.sh begin %s".formatted(Script.LAB, launch), "starting systemd");
    Map<String, String> knows = new TreeMap<>();
    knows.put("NAME", host.plan().name());
    knows.put("DATA", "10.0.2.2:" + host.plan().data());
    knows.put("DEV0", host.device(SET.get(0)).uuid());
    knows.put("DEV1", host.device(SET.get(1)).uuid());
    return new Typist(host, knows);
  }

  /** Times are those of machines that are emulated: generous, so that slowness fails nothing. */
  private static Map<String, String> knows(
      Path jar, LabHost.Plan first, LabHost.Plan second, int port) {
    Map<String, String> knows = new HashMap<>();
    knows.put("AGENT_A", first.agent());
    knows.put("AGENT_B", second.agent());
    knows.put("PEER_A", first.peer());
    knows.put("PEER_B", second.peer());
    knows.put("F", "http://127.0.0.1:" + port + "/api/v1");
    knows.put("JAR", jar.toAbsolutePath().toString());
    knows.put("SERVER_PORT", "" + port);
    knows.put("FERMATA_FLEET_TIMEOUT", "30s");
    knows.put("FERMATA_FLEET_STALE", "90s");
    knows.put("FERMATA_FLEET_LOST", "180s");
    knows.put("FERMATA_MIGRATION_LEASE", "90s");
    for (String phase : List.of("PREPARING", "QUIESCING", "FREEZING", "SEALING", "RESUMING")) {
      knows.put("FERMATA_MIGRATION_DEADLINES_" + phase, "150s");
    }
    return knows;
  }

  /** What the devices of the source were marked with; at the destination they have these names. */
  static Map<String, Integer> stamps() {
    return Lab.numbered(SET.size(), SOURCE_STAMP);
  }

  Path folder() {
    return folder;
  }

  Typist source() {
    return source;
  }

  Typist destination() {
    return destination;
  }

  Shell shell() {
    return shell;
  }

  private LabHost booted(LabHost.Plan plan, int firstStamp) {
    LabHost host = kept(LabHost.boot(plan, folder));
    host.stamp(Lab.numbered(host.devices().size(), firstStamp));
    return host;
  }

  private <T extends AutoCloseable> T kept(T resource) {
    synchronized (open) {
      open.add(resource);
    }
    return resource;
  }

  @Override
  public void close() {
    synchronized (open) {
      Lab.closeAll(open);
    }
  }

  /** A shell outside, in a folder of its own with the jar; what runs in it ends with it. */
  static final class Shell implements Keyboard, AutoCloseable {
    private final Path folder;
    private final Map<String, String> knows;
    private final List<Long> begun = new ArrayList<>();

    Shell(Path folder, Map<String, String> knows) {
      this.folder = folder;
      this.knows = knows;
      try {
        Files.createDirectories(folder);
        Path jar = Path.of(Objects.requireNonNull(knows.get("JAR")));
        Files.createSymbolicLink(folder.resolve("fermata.jar"), jar);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Variables that a block sets are there in the next. */
    @Override
    public String type(String commands) {
      Path state = folder.resolve("variables");
      String script =
          """
          set -eu -o pipefail
          cd '%1$s'
          [ ! -f '%2$s' ] || . '%2$s'
          %3$s
          declare -p M >'%2$s' 2>/dev/null || true
          jobs -p >'%1$s/jobs'
          """
              .formatted(folder, state, commands);
      ProcessBuilder bash = Script.command(List.of("bash", "-c", script));
      bash.environment().putAll(knows);
      String java = System.getProperty("java.home") + "/bin:";
      bash.environment().merge("PATH", java, (path, first) -> first + path);
      String shown = Script.run(bash, PATIENCE).good(commands).out();
      remember();
      return shown;
    }

    private void remember() {
      try {
        Files.readAllLines(folder.resolve("jobs")).forEach(pid -> begun.add(Long.valueOf(pid)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      begun.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    }
  }
}

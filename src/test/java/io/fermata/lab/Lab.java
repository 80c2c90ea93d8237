package io.fermata.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Two lab hosts with their agents, and an orchestrator outside. Alpha has eight devices of the
 * virtual machine, and three machines more that have one device that misbehaves and one that does
 * not; beta has eight free devices and one of another shape.
 */
final class Lab implements AutoCloseable {
  static final String VM = "vm-lab";
  static final int SET = 8;

  /** Its first device takes its time over each read of its image. */
  static final Guest SLOW = new Guest("vm-slow", 8);

  /** Its first device ends its image 8 bytes early. */
  static final Guest SHORT = new Guest("vm-short", 10);

  /** Its first device spoils the mark that its image begins with. */
  static final Guest SPOILT = new Guest("vm-spoilt", 12);

  /** On beta: two ports, where an image of a one-port device does not fit. */
  static final String TWO_PORT = "mtty8";

  /** How many devices alpha has. */
  static final int ON_ALPHA = 14;

  private static final int ALPHA_STAMP = 0x11;
  private static final int BETA_STAMP = 0x91;
  private static final Duration TRAINING = Duration.ofMinutes(5);
  private static final List<String> TRIAL =
      List.of(
          "{device: " + SLOW.first() + ", per-read: 6s}",
          "{device: " + SHORT.first() + ", damage: short}",
          "{device: " + SPOILT.first() + ", damage: first-byte}");

  /** A machine with two devices, of which the first one misbehaves. */
  record Guest(String vm, int place) {
    String first() {
      return "mtty" + place;
    }

    /** Both devices, and where they are to go. */
    Map<String, String> pairs() {
      return new TreeMap<>(Map.of(first(), "mtty0", "mtty" + (place + 1), "mtty1"));
    }
  }

  private final Path below;
  private final String launch;
  private final List<AutoCloseable> open = new ArrayList<>();

  final LabHost alpha;
  final LabHost beta;
  final Orchestrator orchestrator;

  /** Starts everything; returns when both agents answer and hold all their devices. */
  Lab(Path jar) {
    this.below = cleared(Path.of("target/lab").toAbsolutePath());
    Stopwatch watch = new Stopwatch();
    List<Integer> ports = freePorts(4);
    var first = new LabHost.Plan("alpha", ON_ALPHA, 0, ports.get(0), ports.get(1));
    var second = new LabHost.Plan("beta", SET, 1, ports.get(2), ports.get(3));
    var alphaUp = later(() -> booted(first, ALPHA_STAMP));
    var betaUp = later(() -> booted(second, BETA_STAMP));
    var trained = later(() -> quickStart(jar, below));
    try {
      this.launch = trained.join();
      this.alpha = alphaUp.join();
      this.beta = betaUp.join();
      watch.lap("both machines up, their devices stamped");
      alpha.startAgent(launch, owners(), TRIAL);
      beta.startAgent(launch, Map.of(), List.of());
      this.orchestrator = kept(new Orchestrator(List.of(first, second), below.resolve("journal")));
      orchestrator.awaitAtRest();
      watch.lap("both agents answer");
    } catch (RuntimeException | Error e) {
      CompletableFuture.allOf(alphaUp, betaUp).handle((done, fault) -> fault).join();
      close();
      throw e;
    }
  }

  /** Whose each of alpha's devices is. */
  private static Map<String, String> owners() {
    Map<String, String> owners = new TreeMap<>();
    for (int i = 0; i < SET; i++) {
      owners.put("mtty" + i, VM);
    }
    for (Guest guest : List.of(SLOW, SHORT, SPOILT)) {
      guest.pairs().keySet().forEach(device -> owners.put(device, guest.vm()));
    }
    return owners;
  }

  /** What each of alpha's devices was marked with before any agent ran. */
  static Map<String, Integer> stamps(int count) {
    return numbered(count, ALPHA_STAMP);
  }

  static Map<String, Integer> numbered(int count, int first) {
    Map<String, Integer> stamps = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      stamps.put("mtty" + i, first + i);
    }
    return stamps;
  }

  private LabHost booted(LabHost.Plan plan, int firstStamp) {
    LabHost host = kept(LabHost.boot(plan, below));
    host.stamp(numbered(host.devices().size(), firstStamp));
    return host;
  }

  /**
   * JVM arguments that start the jar from an AOT cache: a start inside takes a fifth of the time.
   */
  static String quickStart(Path jar, Path below) {
    List<String> arguments = new ArrayList<>(List.of(jar.toString(), below.resolve("jar") + ""));
    arguments.addAll(List.of("agent", "--server.port=0", "--fermata.agent.host=training"));
    arguments.add("--fermata.agent.directory=" + below.resolve("training"));
    arguments.add("--fermata.agent.backend=kernel");
    arguments.add("--fermata.agent.data-plane.tls=off");
    return Script.run(Script.of("aot-cache.sh", arguments), TRAINING)
        .good("preparing the jar")
        .lastLine();
  }

  static <T> CompletableFuture<T> later(Supplier<T> work) {
    Executor thread = task -> Thread.ofPlatform().daemon().name("lab").start(task);
    return CompletableFuture.supplyAsync(work, thread);
  }

  private <T extends AutoCloseable> T kept(T resource) {
    synchronized (open) {
      open.add(resource);
    }
    return resource;
  }

  private static Path cleared(Path folder) {
    return cleared(folder, List.of("alpha", "beta", "journal", "training"));
  }

  /** The folder, without what is left of those in it. */
  static Path cleared(Path folder, List<String> leftovers) {
    try {
      for (String old : leftovers) {
        delete(folder.resolve(old));
      }
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  /** All are held at once, so that no two are the same. */
  static List<Integer> freePorts(int count) {
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        held.add(new ServerSocket(0));
      }
      List<Integer> ports = held.stream().map(ServerSocket::getLocalPort).toList();
      for (ServerSocket socket : held) {
        socket.close();
      }
      return ports;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    synchronized (open) {
      closeAll(open);
    }
  }

  /** Whatever was opened last is closed first. */
  static void closeAll(List<AutoCloseable> open) {
    for (AutoCloseable each : open.reversed()) {
      try {
        each.close();
      } catch (Exception e) { // the outermost edge of a test: the others must end as well
        System.out.println("lab: ending " + each + ": " + e);
      }
    }
  }

  /** Says how long things took. */
  static final class Stopwatch {
    private final long began = System.nanoTime();
    private long last = began;

    void lap(String what) {
      long now = System.nanoTime();
      System.out.printf(
          "lab: %6.1f s (at %6.1f s) %s%n", (now - last) / 1e9, (now - began) / 1e9, what);
      last = now;
    }
  }
}

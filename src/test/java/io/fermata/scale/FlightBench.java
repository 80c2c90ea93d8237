package io.fermata.scale;

import io.fermata.bench.Figure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * The orchestrator alone, from the packaged jar, with agents that have no devices behind them: how
 * many complete migrations a second with a thousand asked for at once, and what each of ten
 * thousand in flight costs of its heap.
 */
public final class FlightBench {
  private static final Path JAR = Path.of("target", "fermata.jar");
  private static final int CALLERS = 16;
  private static final int HOSTS = 100;
  private static final int DEVICES = 8;
  private static final int SETS_AT_ONCE = 10;
  private static final int ROUNDS = 4;
  private static final int MEBI = 1 << 20;
  private static final int KIBI = 1 << 10;

  private FlightBench() {}

  public static void main(String[] args) throws Exception {
    if (!Files.exists(JAR)) {
      System.out.println("there is no " + JAR + ": what is in flight is not measured");
      System.exit(0);
    }
    Path folder = Files.createTempDirectory("fermata-bench-");
    rate(folder);
    heap(folder);
    System.exit(0);
  }

  /** Each round takes sets that have not moved yet; the first compiles the code. */
  private static void rate(Path folder) throws IOException, InterruptedException {
    var shape = new Light.Shape(HOSTS, SETS_AT_ONCE * ROUNDS, DEVICES);
    List<Double> rates = new ArrayList<>();
    try (var light = new Light(shape, folder.resolve("rate.log"), List.of("-Xmx4g"))) {
      light.release();
      List<String> settings = new ArrayList<>(FlightRun.settings());
      settings.add(light.inventory(folder));
      try (var service = service(folder.resolve("rate"), settings)) {
        for (int round = 0; round < ROUNDS; round++) {
          rates.add(HOSTS * SETS_AT_ONCE / seconds(service, round * SETS_AT_ONCE));
        }
      }
    }
    String name = "complete durable migrations, 8 devices, 1000 in flight, agents without devices";
    Figure.of(name, 50, rates.subList(1, ROUNDS), "/s", "-", ">= 250").tell();
  }

  /** From the first request until the last has ended. */
  private static double seconds(Service service, int firstSet)
      throws IOException, InterruptedException {
    List<Callable<Service.Said>> requests = new ArrayList<>();
    for (int set = firstSet; set < firstSet + SETS_AT_ONCE; set++) {
      for (int host = 0; host < HOSTS; host++) {
        String body = LightHosts.order(host, HOSTS, set, DEVICES);
        requests.add(() -> service.post("migrations", body));
      }
    }
    long begun = System.nanoTime();
    try (var callers = Executors.newFixedThreadPool(CALLERS)) {
      for (Future<Service.Said> each : callers.invokeAll(requests)) {
        each.get().ok();
      }
    } catch (ExecutionException e) {
      throw new IOException(e);
    }
    while (service.busy()) {
      LockSupport.parkNanos(10_000_000);
    }
    return (System.nanoTime() - begun) / 1e9;
  }

  private static void heap(Path folder) throws IOException {
    var shape = new Light.Shape(1_000, 10, DEVICES);
    try (var light = new Light(shape, folder.resolve("heap.log"), List.of("-Xmx4g"))) {
      List<String> settings = new ArrayList<>(FlightRun.settings());
      settings.add(light.inventory(folder));
      try (var service = service(folder.resolve("heap"), settings)) {
        var seen = new FlightRun(light, shape, service, Duration.ofMinutes(30)).run();
        if (seen.succeeded() != shape.migrations() + 1) {
          throw new IllegalStateException("only " + seen.succeeded() + " succeeded");
        }
        double idle = seen.idleHeapBytes() / (double) MEBI;
        double each = (seen.heapBytes() - seen.idleHeapBytes()) / (double) KIBI / seen.held();
        String rest = "idle %.0f MiB".formatted(idle);
        List<Double> whole = List.of(seen.heapBytes() / (double) MEBI);
        Figure.of("heap with 10000 in flight, -Xmx1g", 50, whole, "MiB", rest, "<= 1024").tell();
        Figure.of("  of it for each migration", 50, List.of(each), "KiB", "-", "-").tell();
      }
    }
  }

  private static Service service(Path folder, List<String> settings) throws IOException {
    return new Service(JAR, folder, List.of("-Xmx1g", "-XX:+UseG1GC"), settings);
  }
}

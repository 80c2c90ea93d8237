package io.fermata.scale;

import io.fermata.bench.Figure;
import io.fermata.bench.StartBench;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/**
 * The orchestrator, started as the image starts it, is killed with a thousand migrations under way
 * and started again: how long until it acts on the first of them, from the start of its process,
 * and how long a start on an empty journal takes. Its action is the first take-over that the
 * journal has.
 */
public final class RestartBench {
  private static final Path JAR = Path.of("target", "fermata.jar");
  private static final Light.Shape SHAPE = new Light.Shape(100, 10, 8);
  private static final int ROUNDS = 5;
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private RestartBench() {}

  public static void main(String[] args) throws Exception {
    if (!Files.exists(JAR)) {
      System.out.println("there is no " + JAR + ": restarts are not measured");
      System.exit(0);
    }
    Path folder = Files.createTempDirectory("fermata-bench-");
    Path app = StartBench.extracted(folder);
    Path cache = StartBench.trained(app.toString(), "orchestrator", folder);
    List<String> options = List.of("-Xmx1g", "-XX:+UseG1GC", "-XX:AOTCache=" + cache);
    try (var light = new Light(SHAPE, folder.resolve("light.log"), List.of("-Xmx4g"))) {
      List<String> settings = new ArrayList<>(FlightRun.settings());
      settings.add(light.inventory(folder));
      List<Double> empty = new ArrayList<>();
      List<Double> all = new ArrayList<>();
      try (var service = new Service(app, folder.resolve("restart"), options, settings)) {
        for (int round = 0; round < ROUNDS; round++) {
          empty.add(ready(service));
        }
        holdAll(new FlightRun(light, SHAPE, service, PATIENCE));
        for (int round = 0; round < ROUNDS; round++) {
          all.add(acts(service));
        }
      }
      String beside = "ready with an empty journal %.2f s".formatted(Figure.at(50, empty));
      String name = "restart with 1000 open migrations, first action";
      Figure.of(name, 50, all, "s", beside, "<= 2").tell();
    }
    System.exit(0);
  }

  /** Their destinations do not get ready: they stay under way. */
  private static void holdAll(FlightRun flight) throws IOException {
    flight.takeAll();
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> flight.count("phase=preparing") == SHAPE.migrations());
  }

  private static double ready(Service service) throws IOException {
    service.kill();
    long begun = System.nanoTime();
    service.start();
    return (System.nanoTime() - begun) / 1e9;
  }

  private static double acts(Service service) throws IOException {
    service.kill();
    Instant begun = Instant.now();
    service.start();
    return Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> firstTakeOver(service, begun), seconds -> seconds > 0);
  }

  private static double firstTakeOver(Service service, Instant begun) throws IOException {
    for (JsonNode event : service.events(0)) {
      Instant at = Instant.parse(event.get("time").asString());
      if (event.get("type").asString().equals("migration.taken-over") && at.isAfter(begun)) {
        return Duration.between(begun, at).toMillis() / 1e3;
      }
    }
    return 0;
  }
}

package io.fermata.scale;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The full size, as {@code ./mvnw -Pscale verify} runs it: prints a table and writes {@code
 * target/scale/results.json}. Ends with 1 where something is wrong or a target is missed.
 *
 * <p>Argument: {@code all}, or some of {@code queue,flight,pages} with commas between them; or
 * {@code soak} and for how many seconds, as {@code ./mvnw -Pscale-soak verify} does.
 */
public final class Scale {
  private static final Path JAR = Path.of("target", "fermata.jar");
  private static final Path RESULTS = Path.of("target", "scale", "results.json");
  private static final Duration PATIENCE = Duration.ofMinutes(30);
  private static final double MEGABYTE = 1 << 20;

  private final Results results = new Results();
  private final List<String> wrong = new ArrayList<>();
  private final Path folder;

  private Scale(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] args) throws IOException {
    List<String> wanted = List.of((args.length == 0 ? "all" : args[0]).split(","));
    Scale scale = new Scale(Files.createTempDirectory("fermata-scale-"));
    System.out.println("logs and journals: " + scale.folder);
    scale.run("queue", wanted, scale::queue);
    scale.run("flight", wanted, scale::flight);
    scale.run("pages", wanted, scale::pages);
    if (wanted.contains("soak")) {
      scale.soak(Integer.parseInt(args[1]));
    }
    scale.results.write(RESULTS);
    scale.wrong.forEach(what -> System.out.println("WRONG: " + what));
    System.exit(scale.wrong.isEmpty() && scale.results.met() ? 0 : 1);
  }

  private interface Part {
    void run() throws IOException;
  }

  private void run(String name, List<String> wanted, Part part) throws IOException {
    if (wanted.contains("all") || wanted.contains(name)) {
      System.out.println("running " + name + " ...");
      part.run();
    }
  }

  private void queue() throws IOException {
    var layout = new Layout(200);
    var caps = new QueueRun.Caps(60, 2, 2, 1, 16);
    long begun = System.nanoTime();
    try (var bed = new Bed(layout, folder.resolve("bed"), 2, List.of("-Xmx3g"))) {
      results.add("bed of 200 whole agents, 8 devices in use each: start", since(begun), "s");
      List<String> settings = new ArrayList<>(caps.settings());
      settings.add(bed.inventory());
      try (var service = new Service(JAR, folder.resolve("queue"), List.of("-Xmx1g"), settings)) {
        var run = new QueueRun(bed, service, caps);
        var seen = run.run(layout.exodus(), PATIENCE);
        wrong.addAll(run.wrong(seen, layout.sets()));
        results.exactly("queued at once", seen.queued(), "", layout.sets());
        int succeeded = Math.toIntExact(QueueRun.outcomes(seen).getOrDefault("SUCCEEDED", 0L));
        results.exactly("of them succeeded", succeeded, "", layout.sets());
        results.atMost("most under way", seen.ledger().most("cluster"), "", caps.cluster());
        results.atMost("most of a source", seen.ledger().most("source"), "", caps.perSource());
        int most = seen.ledger().most("destination");
        results.atMost("most to a destination", most, "", caps.perDestination());
        results.atMost("most of a pair", seen.ledger().most("pair"), "", caps.perPair());
        results.atMost("most dark, by the journal", seen.ledger().most("dark"), "", 16);
        results.atMost("most dark, by the devices", seen.dark(), "", caps.blackouts());
        int overtaken = seen.ledger().overtaken(QueueRun.RANKS).size();
        results.exactly("overtaken by their equals", overtaken, "", 0);
        results.exactly("sets not on exactly one host", seen.astray().size(), "", 0);
        results.exactly("violations in device lines", seen.violations().size(), "", 0);
        results.add("taking the requests", seen.times().taking(), "s");
        results.add("from the opened doors to the last end", seen.times().moving(), "s");
        results.add("processor time of the orchestrator", seen.times().serviceCpu(), "s");
      }
    }
  }

  private void flight() throws IOException {
    var shape = new Light.Shape(1_000, 10, 8);
    try (var light = new Light(shape, folder.resolve("light.log"), List.of("-Xmx4g"))) {
      List<String> settings = new ArrayList<>(FlightRun.settings());
      settings.add(light.inventory(folder));
      var options = List.of("-Xmx1g", "-XX:+UseG1GC");
      try (var service = new Service(JAR, folder.resolve("flight"), options, settings)) {
        var seen = new FlightRun(light, shape, service, PATIENCE).run();
        results.exactly("in flight at once, 8 devices each, -Xmx1g", seen.held(), "", 10_000);
        results.exactly("one more was taken meanwhile", oneMore(seen), "", 1);
        results.atMost("heap in use after a full GC", seen.heapBytes() / MEGABYTE, "MiB", 1024);
        double each = (seen.heapBytes() - seen.idleHeapBytes()) / 1024.0 / shape.migrations();
        results.add("  the same without migrations", seen.idleHeapBytes() / MEGABYTE, "MiB");
        results.add("  of it for each migration", each, "KiB");
        results.add("reads meanwhile, median", Results.at(50, seen.readMillis()), "ms");
        results.add("reads meanwhile, p99", Results.at(99, seen.readMillis()), "ms");
        results.add("from the first request to all in flight", seen.takingSeconds(), "s");
        results.add("from letting go to the last end", seen.endingSeconds(), "s");
        results.exactly("of them succeeded", seen.succeeded(), "", 10_001);
      }
    }
  }

  private static int oneMore(FlightRun.Seen seen) {
    return seen.oneMore().equals("PREPARING") ? 1 : 0;
  }

  private void pages() throws IOException {
    var model = PagesRun.model(JAR, folder);
    long begun = System.nanoTime();
    Path journal = folder.resolve("pages").resolve("journal");
    var rows = ManyRows.write(journal, model, 100_000, 1_790_000_000_000L);
    results.add("writing 100,000 finished migrations", since(begun), "s");
    results.add("bytes of one row", model.row().data().length(), "");
    begun = System.nanoTime();
    try (var service = new Service(JAR, folder.resolve("pages"), List.of("-Xmx1g"), List.of())) {
      results.add("start of the orchestrator on them", since(begun), "s");
      var run = new PagesRun(service, rows);
      run.times(100, 20).forEach((what, millis) -> results.spread(what, millis, "ms", 100));
      wrong.addAll(run.wrong(500));
    }
  }

  private void soak(int seconds) throws IOException {
    var layout = new Layout(200);
    long seed = System.nanoTime();
    System.out.println("one fault a second for " + seconds + " s, seed " + seed);
    try (var bed = new Bed(layout, folder.resolve("bed"), 2, List.of("-Xmx3g"))) {
      List<String> settings = List.of(bed.inventory());
      try (var service = new Service(JAR, folder.resolve("soak"), List.of("-Xmx1g"), settings)) {
        var terms = new SoakRun.Terms(seconds, 40, PATIENCE);
        var seen = new SoakRun(bed, service, seed).run(terms);
        wrong.addAll(seen.wrong());
        seen.faults().forEach((kind, count) -> results.add("faults: " + kind, count, ""));
        seen.outcomes().forEach((outcome, count) -> results.add("ended: " + outcome, count, ""));
        results.add("requests that were not taken", seen.refused(), "");
        results.add("device lines judged", seen.deviceLines(), "");
        results.exactly("wrong", seen.wrong().size(), "", 0);
      }
    }
  }

  private static double since(long nanos) {
    return (System.nanoTime() - nanos) / 1e9;
  }
}

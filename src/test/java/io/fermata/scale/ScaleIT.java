package io.fermata.scale;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The small of what {@code ./mvnw -Pscale verify} does at full size. Asserts no times. */
class ScaleIT {
  private static final Path JAR = Path.of(System.getProperty("fermata.jar"));

  /** Of the list's newest; long ago, so that nothing is purged or counted as recent. */
  private static final long NEWEST_MILLIS = 1_790_000_000_000L;

  @TempDir private Path folder;

  @Test
  void aQueueOfAllSetsOfTheBedRunsToItsEndUnderItsLimits() throws Exception {
    var layout = new Layout(12);
    var caps = new QueueRun.Caps(10, 2, 2, 1, 3);
    try (var bed = new Bed(layout, folder.resolve("bed"), 1, Jvms.BRIEF);
        var service = service(bed, caps.settings())) {
      var run = new QueueRun(bed, service, caps);
      var moves = layout.exodus();
      var seen = run.run(moves, Duration.ofMinutes(5));
      assertEquals(List.of(), run.wrong(seen, moves.size()));
    }
  }

  @Test
  void manyInFlightAreHeldWhileOneMoreIsTakenAndAllOfThemEnd() throws Exception {
    var shape = new Light.Shape(10, 20, 4);
    List<String> settings = new ArrayList<>(FlightRun.settings());
    try (var light = new Light(shape, folder.resolve("light.log"), Jvms.BRIEF)) {
      settings.add(light.inventory(folder));
      List<String> options = new ArrayList<>(Jvms.BRIEF);
      options.add("-Xmx256m");
      try (var service = new Service(JAR, folder.resolve("service"), options, settings)) {
        var seen = new FlightRun(light, shape, service, Duration.ofMinutes(5)).run();
        assertEquals(shape.migrations(), seen.held());
        assertEquals("PREPARING", seen.oneMore());
        assertEquals(shape.migrations() + 1, seen.succeeded());
        System.out.println(seen);
      }
    }
  }

  @Test
  void everyPageOfFinishedMigrationsShowsWhatIsThereAndInItsOrder() throws Exception {
    var model = PagesRun.model(JAR, folder);
    Path journal = folder.resolve("service").resolve("journal");
    var rows = ManyRows.write(journal, model, 2_000, NEWEST_MILLIS);
    try (var service = new Service(JAR, folder.resolve("service"), Jvms.BRIEF, List.of())) {
      assertEquals(List.of(), new PagesRun(service, rows).wrong(100));
    }
  }

  @Test
  void theBedEndsWhereTheOutcomesSayWhateverGoesWrongEverySecond() throws Exception {
    var layout = new Layout(8);
    try (var bed = new Bed(layout, folder.resolve("bed"), 1, Jvms.BRIEF);
        var service = service(bed, List.of())) {
      var terms = new SoakRun.Terms(20, 8, Duration.ofMinutes(5));
      var seen = new SoakRun(bed, service, 1).run(terms);
      System.out.println(seen);
      assertEquals(List.of(), seen.wrong());
    }
  }

  private Service service(Bed bed, List<String> settings) throws Exception {
    List<String> all = new ArrayList<>(settings);
    all.add(bed.inventory());
    return new Service(JAR, folder.resolve("service"), Jvms.BRIEF, all);
  }
}

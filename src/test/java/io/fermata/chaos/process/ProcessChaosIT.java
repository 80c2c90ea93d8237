package io.fermata.chaos.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * {killed, stopped, restarted, cut, cut one way, slow, lossy} × {each process, each link} × {each
 * phase}. Every cell moves one set and strikes while a slow device holds that phase open; then all
 * is mended, the migration must end, and the judge must find nothing.
 *
 * <p>{@code verify} runs a tenth of the cells, drawn by a seed; {@code -Pchaos} runs all. A cell
 * that fails is run again with {@code -Dfermata.chaos.only='ALONE KILL source QUIESCING'}. It needs
 * root and Debian's packages iproute2 and iptables; without them it is skipped and says so.
 */
class ProcessChaosIT {
  private static final Path JAR = Path.of(System.getProperty("fermata.jar"));
  private static final int SHARE = Integer.getInteger("fermata.chaos.share", 10);
  private static final long SEED = Long.getLong("fermata.chaos.seed", 20_261_123L);
  private static final String ONLY = System.getProperty("fermata.chaos.only", "");
  private static final int SIDE_BY_SIDE = Integer.getInteger("fermata.chaos.worlds", 3);
  private static final Duration TO_MEET = Duration.ofSeconds(20);
  private static final Duration TO_PASS = Duration.ofSeconds(5);
  private static final int TRIES = 10;
  private static final Duration TO_END = Duration.ofSeconds(90);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path folder;

  private final List<String> table = Collections.synchronizedList(new ArrayList<>());

  private record Cell(Cluster.Shape shape, Blow blow, String target, Hold hold) {
    @Override
    public String toString() {
      return shape + " " + blow + " " + target + " " + hold;
    }
  }

  @Test
  void everyMigrationEndsAndTheJudgeFindsNothing() throws Exception {
    String missing = Network.missing();
    assumeTrue(missing == null, () -> "no network namespaces here: " + missing);
    List<Cell> cells = drawn();
    List<Future<?>> worlds = new ArrayList<>();
    try (var threads = Executors.newFixedThreadPool(SIDE_BY_SIDE)) {
      for (Cluster.Shape shape : Cluster.Shape.values()) {
        var left =
            new ConcurrentLinkedQueue<>(
                cells.stream().filter(cell -> cell.shape() == shape).toList());
        int shared = Math.max(1, SIDE_BY_SIDE / 2);
        int most = shape == Cluster.Shape.SHARED ? shared : Math.max(1, SIDE_BY_SIDE - shared);
        for (int i = 0; i < most && !left.isEmpty(); i++) {
          int number = worlds.size() + 1;
          worlds.add(threads.submit(() -> work(number, shape, left)));
        }
      }
    }
    report(cells.size());
    List<String> failed = new ArrayList<>();
    for (Future<?> world : worlds) {
      try {
        world.get();
      } catch (ExecutionException e) {
        failed.add(String.valueOf(e.getCause().getMessage()));
      }
    }
    assertEquals(List.of(), failed, () -> "each has ended its world, see " + folder);
    assertEquals(cells.size(), table.size());
  }

  private static List<Cell> drawn() {
    List<Cell> all = new ArrayList<>();
    for (Cluster.Shape shape : Cluster.Shape.values()) {
      for (Hold hold : Hold.values()) {
        for (Blow blow : Blow.values()) {
          blow.targets("a", shape).forEach(t -> all.add(new Cell(shape, blow, t.name(), hold)));
        }
      }
    }
    if (!ONLY.isEmpty()) {
      return all.stream().filter(cell -> cell.toString().matches(ONLY)).toList();
    }
    Collections.shuffle(all, new Random(SEED));
    return all.subList(0, (all.size() + SHARE - 1) / SHARE);
  }

  private void work(int number, Cluster.Shape shape, ConcurrentLinkedQueue<Cell> left) {
    Path own = folder.resolve("world-" + number);
    try {
      Files.createDirectories(own);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    try (Cluster cluster = new Cluster(JAR, own, number, shape)) {
      for (Cell cell = left.poll(); cell != null; cell = left.poll()) {
        strike(cluster, cell);
      }
    }
  }

  private void strike(Cluster cluster, Cell cell) {
    Met met = met(cluster, cell);
    String source = met.source();
    String id = met.id();
    Blow.Target target =
        cell.blow().targets(source, cell.shape()).stream()
            .filter(t -> t.name().equals(cell.target()))
            .findFirst()
            .orElseThrow();
    cell.blow().strike(cluster, target);
    Cluster.rest(cell.blow().millis);
    cell.blow().end(cluster, target);
    long mended = System.nanoTime();
    String outcome = outcome(cluster, cell, id);
    long millis = (System.nanoTime() - mended) / 1_000_000;
    String now = atRest(cluster, cell);
    boolean moved = !now.equals(source);
    assertEquals(outcome.equals("SUCCEEDED"), moved, () -> cell + ": " + outcome + " on " + now);
    assertEquals(List.of(), SlateLines.contradictions(cluster.slates()), cell::toString);
    table.add(
        "| %s | %s | %s | %s | %s | %s | %d |"
            .formatted(
                cell.shape(),
                cell.blow(),
                cell.target(),
                cell.hold(),
                outcome,
                moved ? "destination" : "source",
                millis));
  }

  /** A migration in the phase that is to be struck. */
  private record Met(String source, String id) {}

  /** What no slow device holds open is over in milliseconds, and met by trying. */
  private static Met met(Cluster cluster, Cell cell) {
    boolean held = cell.hold() != Hold.SEALING;
    for (int attempt = 0; attempt < (held ? 1 : TRIES); attempt++) {
      String source = atRest(cluster, cell);
      cell.hold().prepare(cluster, source);
      String id = cluster.start(source);
      Duration patience = held ? TO_MEET : TO_PASS;
      if (Cluster.await(patience, () -> cell.hold().isOn(cluster.witness().look(), source))) {
        return new Met(source, id);
      }
      if (!held) {
        outcome(cluster, cell, id);
      }
    }
    throw new AssertionError(cell + " was never met: " + cluster.witness().look());
  }

  private static String outcome(Cluster cluster, Cell cell, String id) {
    String[] last = {""};
    boolean ended =
        Cluster.await(
            TO_END,
            () -> {
              last[0] = cluster.ask("migrations/" + id);
              return !Fields.text(last[0], "outcome").isEmpty();
            });
    assertTrue(ended, () -> cell + " is stuck: " + last[0] + cluster.witness().look());
    return Fields.text(last[0], "outcome");
  }

  /** Waits until the judge sees the whole set running, and nothing wrong until then. */
  private static String atRest(Cluster cluster, Cell cell) {
    boolean rests =
        Cluster.await(
            TO_END, () -> cluster.witness().look().runsOn(Cluster.VM, Cluster.DEVICES) != null);
    Judge judge = cluster.witness().look();
    assertEquals(List.of(), judge.violations(), cell::toString);
    assertTrue(rests, () -> cell + ": the set does not run: " + judge);
    return String.valueOf(judge.runsOn(Cluster.VM, Cluster.DEVICES)).substring("host-".length());
  }

  private void report(int cells) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(
        "| journal | blow | target | phase | outcome | runs on | ms to the end after mending |");
    lines.add("|---|---|---|---|---|---|---|");
    table.stream().sorted().forEach(lines::add);
    Path file = Path.of("target", "chaos", "table.md");
    Files.createDirectories(file.getParent());
    Files.write(file, lines);
    System.out.printf("chaos: %d of %d cells ended well, see %s%n", table.size(), cells, file);
  }
}

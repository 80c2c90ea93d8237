package io.fermata.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Each rule that can be dropped is missed, and soon; the table is target/simulation/mutants.md. */
class MutantsTest {
  private static final int MOST = Integer.getInteger("fermata.simulation.mutant-seeds", 2_000);
  private static final int KILLS = 3;
  private static final int MORE_SEEDS = 60;
  private static final int USUAL = Integer.getInteger("fermata.simulation.usual-seeds", 40);

  /** What came of one mutant: at which seeds it broke what. */
  private record Fate(Mutant mutant, List<Long> seeds, String invariant, List<Long> usual) {
    static long median(List<Long> seeds) {
      List<Long> gaps = new ArrayList<>();
      for (int i = 0; i < seeds.size(); i++) {
        gaps.add(seeds.get(i) - (i == 0 ? 0 : seeds.get(i - 1)));
      }
      gaps.sort(null);
      return gaps.isEmpty() ? -1 : gaps.get(gaps.size() / 2);
    }

    String row() {
      String first = seeds.isEmpty() ? "none in " + MOST : "" + seeds.getFirst();
      String gap = seeds.isEmpty() ? "" : "" + median(seeds);
      String plain = usual.isEmpty() ? "none in " + USUAL : "" + median(usual);
      String unbiased = mutant.without().faults().isEmpty() ? "the same" : plain;
      String reason = mutant.why().isEmpty() ? "" : " (" + mutant.why() + ")";
      return String.join(
          " | ",
          mutant.rule() + reason,
          "`" + mutant.without() + "`",
          invariant,
          first,
          gap,
          unbiased);
    }
  }

  @Test
  void everyDroppedRuleIsMissed() throws InterruptedException, ExecutionException, IOException {
    Mutants mutants = new Mutants();
    List<Future<Fate>> trials = new ArrayList<>();
    try (var pool = Executors.newFixedThreadPool(2)) {
      Mutant.ALL.forEach(mutant -> trials.add(pool.submit(() -> fate(mutants, mutant))));
    }
    List<Fate> fates = new ArrayList<>();
    for (Future<Fate> trial : trials) {
      fates.add(trial.get());
    }
    print(fates);
    List<String> survivors =
        fates.stream().filter(f -> f.seeds.isEmpty()).map(f -> f.mutant.rule()).toList();
    assertEquals(List.of(), survivors);
  }

  private static Fate fate(Mutants mutants, Mutant mutant) {
    List<Long> seeds = new ArrayList<>();
    String invariant = "";
    long last = MOST;
    for (long seed = 1; seed <= last && seeds.size() < KILLS; seed++) {
      String story = mutants.broken(mutant.without().toString(), seed);
      if (story != null) {
        seeds.add(seed);
        if (seeds.size() == 1) {
          invariant = story.substring(0, story.indexOf(':'));
          last = Math.min(MOST, seed + MORE_SEEDS);
        }
      }
    }
    return new Fate(mutant, seeds, invariant, usual(mutants, mutant));
  }

  /** The same rules dropped in the usual mix of faults, for as many seeds as are cheap. */
  private static List<Long> usual(Mutants mutants, Mutant mutant) {
    List<Long> seeds = new ArrayList<>();
    if (!mutant.without().faults().isEmpty()) {
      String plain = new Without(mutant.without().rules(), Set.of()).toString();
      for (long seed = 1; seed <= USUAL && seeds.size() < KILLS; seed++) {
        if (mutants.broken(plain, seed) != null) {
          seeds.add(seed);
        }
      }
    }
    return seeds;
  }

  /** A rule is either missed by a mutant, or somebody has said why it cannot be. */
  @Test
  void everyRuleHasAMutantOrAReason() {
    Set<Rule> shown =
        Mutant.ALL.stream().flatMap(m -> m.without().rules().stream()).collect(Collectors.toSet());
    Set<Rule> silent = EnumSet.allOf(Rule.class);
    silent.removeAll(shown);
    assertEquals(Unmissed.WHY.keySet(), silent);
  }

  private static void print(List<Fate> fates) throws IOException {
    List<Long> firsts =
        fates.stream()
            .filter(f -> !f.seeds.isEmpty())
            .map(f -> f.seeds.getFirst())
            .sorted()
            .toList();
    List<String> lines = new ArrayList<>();
    lines.add("Rule dropped | replay | caught by | first seed | median gap | usual swarm");
    lines.add("---|---|---|---|---|---");
    fates.forEach(fate -> lines.add(fate.row()));
    lines.add("");
    lines.add(fates.size() + " mutants, median first seed " + firsts.get(firsts.size() / 2));
    lines.add("");
    lines.add("Rule that no mutant drops | why it is not missed");
    lines.add("---|---");
    Unmissed.WHY.forEach((rule, why) -> lines.add("`" + rule + "` | " + why));
    lines.forEach(System.out::println);
    Path table = Path.of("target", "simulation", "mutants.md");
    Files.createDirectories(table.getParent());
    Files.write(table, lines);
  }
}

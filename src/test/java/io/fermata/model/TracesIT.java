package io.fermata.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.simulation.Fault;
import io.fermata.simulation.ModelLines;
import io.fermata.simulation.RecordedRun;
import io.fermata.simulation.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the code does in the simulated world is what the model allows, and the model would notice if
 * it did not. {@code -Dfermata.model=full} takes ten thousand runs.
 */
class TracesIT {
  private static final boolean FULL = "full".equals(System.getProperty("fermata.model"));
  private static final int RUNS = FULL ? 10_000 : 200;

  /** Whatever the simulator is made of, so many seeds have all of this in them. */
  private static final int SEEDS = FULL ? 6_000 : 2_000;

  /**
   * Seeds of worlds that are harsher where the usual ones are mild: there a start is taken back
   * before a device has moved, and hosts are lost for ever.
   */
  private static final int SEEDS_OF_HARSH = FULL ? 1_000 : 100;

  private static final List<Set<Fault>> HARSH =
      List.of(
          Set.of(Fault.COPY_RESET, Fault.IMPATIENCE),
          Set.of(Fault.HOP_REFUSED, Fault.HOP_KEEPS_FAILING),
          Set.of(Fault.HOST_LOST));

  private static final Set<String> ACTIONS_OF_HARSH = Set.of("T_Revert", "H_Lost");

  /** Of a mutant. */
  private static final int SEEDS_OF_MUTANT = 200;

  private static final int PORTION = 20;

  private static final Set<String> ACTIONS =
      Set.of(
          "O_TakeOver",
          "S_Quiesce",
          "S_DeviceStep",
          "S_LateStep",
          "S_LeaseExpires",
          "S_Abort",
          "S_Seal",
          "S_Unseal",
          "S_Release",
          "S_Crash",
          "T_Stage",
          "T_Start",
          "T_AckStart",
          "T_Void",
          "T_VoidAtWill",
          "T_GiveUp",
          "T_DeviceStep",
          "T_Crash");

  private static final ExecutorService CHECKS = Executors.newFixedThreadPool(2);

  @AfterAll
  static void end() {
    CHECKS.shutdown();
  }

  @Test
  void everyRunOfTheCodeIsABehaviourOfTheModel() throws Exception {
    List<RecordedRun> runs = new ArrayList<>();
    Set<String> missing = new TreeSet<>(ACTIONS);
    long seed = 0;
    for (int stopped = 0; stopped < RUNS || !missing.isEmpty(); ) {
      seed++;
      assertTrue(seed <= SEEDS, "no run has one of " + missing);
      for (RecordedRun run : ModelLines.record(seed, null)) {
        Set<String> actions = actions(run);
        missing.removeAll(actions);
        stopped += actions.contains("S_Quiesce") ? 1 : 0;
        runs.add(run);
      }
    }
    print(runs, seed);
    accept("simulated", runs);
  }

  @Test
  void everyRunInAHarshWorldIsABehaviourOfTheModel() throws Exception {
    List<RecordedRun> runs = new ArrayList<>();
    Set<String> missing = new TreeSet<>(ACTIONS_OF_HARSH);
    for (Set<Fault> faults : HARSH) {
      for (long seed = 1; seed <= SEEDS_OF_HARSH; seed++) {
        for (RecordedRun run : ModelLines.recordAmong(faults, seed)) {
          missing.removeAll(actions(run));
          runs.add(run);
        }
      }
    }
    print(runs, (long) SEEDS_OF_HARSH * HARSH.size());
    assertEquals(Set.of(), missing);
    accept("harsh", runs);
  }

  private static void accept(String name, List<RecordedRun> runs) throws Exception {
    List<Future<Verdict>> checks = new ArrayList<>();
    List<List<RecordedRun>> groups = List.copyOf(bySize(runs).values());
    for (List<RecordedRun> group : groups) {
      checks.add(CHECKS.submit(() -> check(name + " " + group.getFirst().devices(), group)));
    }
    for (int i = 0; i < groups.size(); i++) {
      Verdict verdict = checks.get(i).get();
      List<RecordedRun> group = groups.get(i);
      System.out.println(verdict.row());
      assertEquals(Verdict.NOTHING, verdict.violated(), () -> story(verdict, group));
    }
  }

  /** The rule that a mutant drops shows in the first action that the model does not allow. */
  @ParameterizedTest
  @CsvSource({
    "START_WITHOUT_SEAL, T_Start",
    "RELEASE_WITHOUT_START, S_Release",
    "UNSEAL_WITHOUT_VOID, S_Unseal",
    "SEAL_FORGOTTEN, S_LeaseExpires",
    "START_FORGOTTEN, T_GiveUp T_Revert"
  })
  void aRunOfBrokenCodeIsRejected(Rule mutant, String actions) {
    Optional<String> rejected = Optional.empty();
    for (long seed = 1; rejected.isEmpty() && seed < SEEDS_OF_MUTANT; seed += PORTION) {
      rejected = firstRejected(mutant, seed);
    }
    assertTrue(rejected.isPresent(), "the model allows all that the code does without this rule");
    assertTrue(List.of(actions.split(" ", -1)).contains(rejected.get()), rejected.get());
  }

  /** The first action that is not allowed, in the runs of a portion of seeds. */
  private static Optional<String> firstRejected(Rule mutant, long first) {
    List<RecordedRun> runs = new ArrayList<>();
    for (long seed = first; seed < first + PORTION; seed++) {
      runs.addAll(ModelLines.record(seed, mutant));
    }
    for (List<RecordedRun> group : bySize(runs).values()) {
      Verdict verdict = check(mutant + " " + group.getFirst().devices(), group);
      if (verdict.violated().equals(Verdict.DEADLOCK)) {
        return Optional.of(word(at(verdict, "i"), run(verdict, group)));
      }
      assertEquals(Verdict.NOTHING, verdict.violated(), verdict::output);
    }
    return Optional.empty();
  }

  @ParameterizedTest
  @CsvSource({
    "accepted, nothing",
    "rejected-started-without-seal, deadlock",
    "rejected-reverted-after-a-move, deadlock",
    "rejected-started-where-lost, deadlock",
    "rejected-frozen-before-quiesced, deadlock"
  })
  void aRunThatWasWrittenDownByHand(String name, String violated) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("src/test/resources/model", name + ".log"));
    ModelConfig config = Tlc.config("handover_trace");
    Verdict verdict =
        Tlc.check("trace " + name, "handover_trace", config, TraceLines.module(lines));
    assertEquals(violated, verdict.violated(), verdict::output);
  }

  private static Set<String> actions(RecordedRun run) {
    Set<String> actions = new TreeSet<>();
    run.lines().forEach(line -> actions.add(line.split(" ", 2)[0]));
    return actions;
  }

  private static void print(List<RecordedRun> runs, long seeds) {
    SortedMap<String, Integer> times = new TreeMap<>();
    runs.stream()
        .flatMap(run -> run.lines().stream())
        .forEach(line -> times.merge(line.split(" ", 2)[0], 1, Integer::sum));
    long stopped = runs.stream().filter(run -> actions(run).contains("S_Quiesce")).count();
    System.out.printf(
        "%,d runs from %,d seeds, %,d of them with a stop: %s%n",
        runs.size(), seeds, stopped, times);
  }

  /** TLC needs to know the devices; within a group the order is the one that it numbers by. */
  private static SortedMap<Integer, List<RecordedRun>> bySize(List<RecordedRun> runs) {
    SortedMap<Integer, List<RecordedRun>> groups = new TreeMap<>();
    runs.stream()
        .sorted(Comparator.comparing(RecordedRun::name))
        .forEach(run -> groups.computeIfAbsent(run.devices(), size -> new ArrayList<>()).add(run));
    return groups;
  }

  private static Verdict check(String name, List<RecordedRun> runs) {
    List<String> lines = new ArrayList<>();
    for (RecordedRun run : runs) {
      run.lines().forEach(line -> lines.add("model " + run.name() + " " + line));
    }
    List<String> devices = new ArrayList<>();
    for (int i = 1; i <= runs.getFirst().devices(); i++) {
      devices.add("\"d" + i + "\"");
    }
    ModelConfig config =
        Tlc.config("handover_trace")
            .with("Devs", "{" + String.join(", ", devices) + "}")
            .with("Dests", "{\"t\"}")
            .with("MaxEpoch", highest("e", lines))
            .with("MaxStops", highest("g", lines));
    return Tlc.check(name, "handover_trace", config, TraceLines.module(lines));
  }

  private static String highest(String key, List<String> lines) {
    Pattern value = Pattern.compile(" " + key + "=(\\d+)");
    int highest =
        lines.stream()
            .flatMap(line -> value.matcher(line).results())
            .mapToInt(found -> Integer.parseInt(found.group(1)))
            .max()
            .orElse(1);
    return Integer.toString(Math.max(1, highest));
  }

  /** The run that TLC stopped in, up to the action that it does not allow, and what it stood in. */
  private static String story(Verdict verdict, List<RecordedRun> group) {
    if (!verdict.violated().equals(Verdict.DEADLOCK)) {
      return verdict.output();
    }
    RecordedRun run = run(verdict, group);
    int index = at(verdict, "i");
    return "seed and migration %s: action %d is not allowed: %s%nbefore it: %s%n%s"
        .formatted(
            run.name(),
            index,
            run.lines().get(index - 1),
            run.lines().subList(0, index - 1),
            verdict.output().substring(verdict.output().lastIndexOf("State ")));
  }

  private static RecordedRun run(Verdict verdict, List<RecordedRun> group) {
    return group.get(at(verdict, "n") - 1);
  }

  private static String word(int index, RecordedRun run) {
    return run.lines().get(index - 1).split(" ", 2)[0];
  }

  private static int at(Verdict verdict, String variable) {
    Pattern last = Pattern.compile("/\\\\ " + variable + " = (\\d+)");
    return last.matcher(verdict.output())
        .results()
        .mapToInt(found -> Integer.parseInt(found.group(1)))
        .reduce((first, second) -> second)
        .orElseThrow();
  }
}

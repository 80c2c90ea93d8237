package io.fermata.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The model holds, and no rule of it is idle: each one switched off breaks the invariant that it
 * guards. The table of all runs goes to {@code target/model/table.md}.
 *
 * <p>What is cut down here, against the full bounds of {@code -Dfermata.model=full}:
 *
 * <ul>
 *   <li>One orchestrator epoch instead of two. An epoch only ever refuses: every behaviour with
 *       more epochs is, but for the epochs, one with a single epoch, in which no request is refused
 *       for its age. So this is the stronger run; the full one checks that argument.
 *   <li>Symmetry of devices and of destinations, in all runs without temporal properties.
 *   <li>Liveness with two destinations has a set of one device: two stops without crashes (T_GiveUp
 *       loses copies), or one stop with a crash and two lost hosts. With a set of two there is one
 *       destination, two stops and a crash.
 *   <li>With two stops Settles stands for Resolves, which follows from it; DeadMan is checked where
 *       the agents do not talk, so with less fairness than the protocol has.
 *   <li>T_GiveUp only where liveness is checked: a copy that is never started is seen by no
 *       invariant.
 * </ul>
 */
class ModelIT {
  private static final boolean FULL = "full".equals(System.getProperty("fermata.model"));

  /** Two cores; each run takes one. */
  private static final ExecutorService RUNS = Executors.newFixedThreadPool(2);

  private static final ConcurrentSkipListMap<Integer, Verdict> TABLE =
      new ConcurrentSkipListMap<>();

  /** One run: what is checked, and what must be violated. */
  private record Run(String name, String module, ModelConfig config, String violated) {}

  /** A rule, and the invariant that breaks first without it. */
  private record Rule(String rule, String guards) {}

  private static final List<Rule> RULES =
      List.of(
          new Rule("LocalBarrier", "BarrierHolds"),
          new Rule("CallsCount", "BarrierHolds"),
          new Rule("KeepUntilStarted", "NoStateLost"),
          new Rule("StartNeedsSealAck", "NoStaleState"),
          new Rule("UnsealNeedsVoid", "NoStaleState"),
          new Rule("SealDurable", "NoStaleState"),
          new Rule("SealStopsLease", "NoStaleState"),
          new Rule("SealStopsAbort", "NoStaleState"),
          new Rule("AckAfterMove", "NoStateLost"),
          new Rule("SealBindsDest", "NoStaleState"),
          new Rule("StartDurable", "NoStateLost"),
          new Rule("VoidDurable", "NoStaleState"),
          new Rule("SealNamesGen", "NoStaleState"),
          new Rule("GenDurable", "NoStaleState"));

  /** Rules without which two hosts get active, though something else breaks earlier. */
  private static final List<String> TWO_ACTIVE = List.of("SealBindsDest", "StartDurable");

  private static final List<String> WITNESSES =
      List.of(
          "NeverSucceeds", "NeverComesBack", "NeverLosesACopy", "NeverLateCall", "NeverLateCopy");

  private static final List<String> WITNESSES_OF_LOSS =
      List.of("NeverParkedSealed", "NeverParkedOpen");

  @TestFactory
  List<DynamicTest> theModel() {
    List<Run> runs = new ArrayList<>();
    runs.addAll(whatHolds()); // the long ones first
    runs.addAll(whatBreaks());
    runs.addAll(whatIsReached());
    if (FULL) {
      runs.addAll(withEpochsInsteadOfReceipts());
    }
    List<DynamicTest> tests = new ArrayList<>();
    for (Run run : runs) {
      Callable<Verdict> check = () -> Tlc.check(run.name(), run.module(), run.config());
      tests.add(test(run, tests.size(), RUNS.submit(check)));
    }
    return tests;
  }

  private static DynamicTest test(Run run, int row, Future<Verdict> future) {
    return dynamicTest(
        run.name(),
        () -> {
          Verdict verdict = future.get();
          TABLE.put(row, verdict);
          assertEquals(run.violated(), verdict.violated(), verdict::output);
        });
  }

  private static List<Run> whatHolds() {
    List<Run> runs = new ArrayList<>();
    runs.add(holds("liveness: Settles", liveness().onlyProperty("Settles")));
    runs.add(holds("liveness: Settles, set of two", pair().onlyProperty("Settles")));
    ModelConfig alone = pair().of("LocalSpec").onlyProperty("DeadMan");
    runs.add(holds("liveness: DeadMan, set of two, agents do not talk", alone));
    runs.add(holds("liveness with lost hosts", loss()));
    runs.add(holds("safety", safety()));
    ModelConfig unfenced =
        FULL
            ? safety()
            : safety().with("MaxEpoch", "2").with("MaxCrash", "0").with("MaxStops", "1");
    runs.add(holds("epochs not checked", unfenced.off("EpochFence")));
    runs.add(holds("epochs forgotten", forgetful().off("EpochDurable")));
    runs.add(new Run("span", "handover_span", span(), Verdict.NOTHING));
    return runs;
  }

  private static List<Run> whatBreaks() {
    List<Run> runs = new ArrayList<>();
    for (Rule rule : RULES) {
      runs.add(breaks("without " + rule.rule(), safety().off(rule.rule()), rule.guards()));
    }
    for (String rule : TWO_ACTIVE) {
      ModelConfig config = safety().off(rule).onlyInvariant("NeverTwoActive");
      runs.add(breaks("without " + rule + ", two hosts", config, "NeverTwoActive"));
    }
    ModelConfig silent = loss().with("MaxLost", "0").of("LocalSpec").onlyProperty("Resolves");
    runs.add(breaks("agents do not talk, Resolves", silent, Verdict.LIVENESS));
    ModelConfig alone = span().with("DeadManTo", "\"RUN\"");
    runs.add(new Run("span, dead-man to RUN", "handover_span", alone, "BarrierHolds"));
    ModelConfig fickle = span().off("PromiseDurable");
    runs.add(new Run("span without PromiseDurable", "handover_span", fickle, "BarrierHolds"));
    return runs;
  }

  /** A model in which nothing happens is safe, too. */
  private static List<Run> whatIsReached() {
    List<Run> runs = new ArrayList<>();
    WITNESSES.forEach(w -> runs.add(breaks("reached, not " + w, safety().onlyInvariant(w), w)));
    ModelConfig lossy = safety().with("MaxLost", "1");
    WITNESSES_OF_LOSS.forEach(
        w -> runs.add(breaks("reached, not " + w, lossy.onlyInvariant(w), w)));
    return runs;
  }

  /** The other way to build it: no void receipts, and everything rests on the epochs. */
  private static List<Run> withEpochsInsteadOfReceipts() {
    ModelConfig epochs = safety().with("Mode", "\"epoch\"");
    return List.of(
        holds("epoch mode", epochs),
        breaks("epoch mode without EpochFence", epochs.off("EpochFence"), "NoStaleState"),
        breaks("epoch mode without EpochDurable", epochs.off("EpochDurable"), "NoStaleState"));
  }

  private static ModelConfig safety() {
    ModelConfig config = Tlc.config("handover");
    return FULL ? config : config.with("MaxEpoch", "1").with("MaxCrash", "1");
  }

  private static ModelConfig forgetful() {
    return FULL ? safety() : safety().with("MaxEpoch", "2").with("MaxStops", "1");
  }

  private static ModelConfig liveness() {
    ModelConfig config = Tlc.config("handover_live");
    return FULL ? config : config.with("Devs", "{d1}").with("MaxCrash", "0");
  }

  private static ModelConfig pair() {
    ModelConfig config = Tlc.config("handover_live");
    return FULL ? config : config.with("Dests", "{t1}");
  }

  private static ModelConfig loss() {
    ModelConfig lossy = Tlc.config("handover_live").with("MaxLost", "2").with("MaxStops", "1");
    return FULL ? lossy : lossy.with("Devs", "{d1}");
  }

  private static ModelConfig span() {
    return Tlc.config("handover_span");
  }

  private static Run holds(String name, ModelConfig config) {
    return new Run(name, "handover", config, Verdict.NOTHING);
  }

  private static Run breaks(String name, ModelConfig config, String violated) {
    return new Run(name, "handover", config, violated);
  }

  @AfterAll
  static void table() throws IOException {
    RUNS.shutdown();
    List<String> rows = new ArrayList<>();
    rows.add("| run | violated | distinct states | depth | seconds |");
    rows.add("|---|---|---|---|---|");
    TABLE.values().forEach(verdict -> rows.add(verdict.row()));
    Files.write(Path.of("target/model/table.md"), rows);
    rows.forEach(System.out::println);
  }
}

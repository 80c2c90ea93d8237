package io.fermata.steps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.handover.Effect;
import io.fermata.handover.Event;
import io.fermata.handover.Fact;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import io.fermata.migration.Failure;
import io.fermata.migration.Lifecycle;
import io.fermata.migration.MigrationNotes;
import io.fermata.migration.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every row of every machine, failed, crashed, repeated and unanswered; and what the code declares
 * held against what was taken. {@code fermata.steps.depth} and {@code fermata.steps.runs} ask for
 * more than the default.
 */
class EveryStepTest {
  private static final String WORD =
      "an operator's word of a host that he fenced, which nobody gives here: OperatorsWordTest";

  /** What no run here can take, and where it is tested instead. */
  private static final Map<String, String> ELSEWHERE =
      Map.ofEntries(
          Map.entry("NEEDS_OPERATOR on RESOLVED", WORD),
          Map.entry("Outcome RESOLVED", WORD),
          Map.entry("RESOLVED", WORD),
          Map.entry(
              "GuestSeen", "somebody else's hand on the guest, which has none here: GuestTest"),
          Map.entry("Adopted", WORD),
          Map.entry("Overruled", WORD),
          Map.entry("Reclaimed", WORD),
          Map.entry("Yielded", WORD),
          Map.entry("migration.operator-decided", WORD),
          Map.entry("migration.overturned", WORD),
          Map.entry(
              "UNPROVEN_RECEIPT",
              "given where the wire ends, before a claim hears of it: SignedReceiptsTest"),
          Map.entry(
              "migration.switchover-wished",
              "a wish that shortens a phase; the simulator's people have it"),
          Map.entry(
              "migration.priority-set",
              "a wish about the queue, before anything moves: TrafficOfTheLoopTest"),
          Map.entry(
              "migration.imported",
              "somebody's word about a restored journal: ComparisonTest, RecoveryTest,"
                  + " RestoredJournalTest"),
          Map.entry("JOURNAL_RESTORED", "what an import says of an attempt: the same tests"),
          Map.entry("migration.bandwidth-set", "a wish that moves a number; the API's tests"),
          Map.entry("migration.budget-set", "a wish that moves a number; the API's tests"));

  private static final Pattern CODE = Pattern.compile("Code\\.([A-Z][A-Z0-9_]+)");

  private static Exploration all;

  @BeforeAll
  static void explore() {
    int depth = Integer.getInteger("fermata.steps.depth", 2);
    all = new Exploration(depth, Integer.getInteger("fermata.steps.runs", 8_000)).explore();
    System.getLogger("steps").log(System.Logger.Level.INFO, all.toString());
  }

  @Test
  void everyRowSurvivesEveryDisturbance() {
    assertTrue(all.failures().isEmpty(), () -> all + "\n" + all.failures().getFirst());
  }

  @Test
  void everyRefusalIsGiven() {
    taken(Stream.of(Refusal.Code.values()), all.rows().refusals);
  }

  /** As the code of each side names them: a code that one side gives is no test of the other's. */
  @ParameterizedTest
  @CsvSource({"source,Source RunRight Claim", "destination,Destination StartRight Claim"})
  void everyRefusalOfASideIsGivenByThatSide(String side, String files) throws IOException {
    Set<String> named = new TreeSet<>();
    for (String file : files.split(" ", -1)) {
      Path code = Path.of("src/main/java/io/fermata/handover", file + ".java");
      CODE.matcher(Files.readString(code)).results().map(m -> m.group(1)).forEach(named::add);
    }
    named.removeIf(ELSEWHERE::containsKey);
    named.removeIf(code -> given(side + " .*-> \\[" + code + "\\]"));
    assertEquals(Set.of(), named, "refusals of the " + side + " that no run gives");
  }

  @ParameterizedTest
  @ValueSource(strings = {"source", "destination"})
  void everyRequestIsAnsweredByBothSides(String side) {
    Set<String> requests =
        Stream.of(Request.class.getPermittedSubclasses())
            .map(Class::getSimpleName)
            .filter(request -> !given(side + " .*\\| " + request + " -> .*"))
            .collect(Collectors.toSet());
    assertEquals(Set.of(), requests, "requests that no run makes of the " + side);
  }

  private static boolean given(String row) {
    Pattern pattern = Pattern.compile(row);
    return all.known().stream().anyMatch(known -> pattern.matcher(known).matches());
  }

  @Test
  void everyHopEndsInEveryWay() {
    taken(Stream.of(HopReport.Outcome.values()), all.rows().hops);
  }

  @Test
  void everyRowOfTheLifecycleIsTaken() {
    taken(Lifecycle.rows().stream().map(r -> r.from() + " on " + r.on()), all.rows().moves);
  }

  @Test
  void everyReasonToFailIsMet() {
    taken(Stream.of(Failure.Code.values()), all.rows().failures);
  }

  @Test
  void everyOutcomeIsReached() {
    taken(
        Stream.of(Outcome.values()).map(o -> "Outcome " + o),
        all.rows().outcomes.stream().map(o -> "Outcome " + o).collect(Collectors.toSet()));
  }

  @Test
  void everyFactEventEffectAndWordIsUsed() {
    Stream<String> declared =
        Stream.of(Fact.class, Event.class, Effect.class, Request.class, PeerMessage.class)
            .flatMap(sealed -> Stream.of(sealed.getPermittedSubclasses()))
            .map(Class::getSimpleName);
    Stream<String> answers = Stream.of(PeerMessage.Standing.values()).map(s -> "Word " + s);
    Stream<String> all = Stream.concat(Stream.concat(declared, answers), MigrationNotes.types());
    Set<String> words = new TreeSet<>(EveryStepTest.all.rows().words);
    words.removeAll(Set.of("migration.submitted", "migration.timeline"));
    taken(all, words);
  }

  /** Nothing that is declared is left out, but for what is named above, and that really is. */
  private static void taken(Stream<?> declared, Set<?> taken) {
    Set<String> wanted =
        declared.map(String::valueOf).collect(Collectors.toCollection(TreeSet::new));
    Set<String> found =
        taken.stream().map(String::valueOf).collect(Collectors.toCollection(TreeSet::new));
    wanted.removeIf(ELSEWHERE::containsKey);
    assertEquals(wanted, found, "declared, and taken by some run");
  }
}

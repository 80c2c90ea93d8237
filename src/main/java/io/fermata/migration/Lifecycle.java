package io.fermata.migration;

import static io.fermata.migration.Phase.CHECKING;
import static io.fermata.migration.Phase.CLEANING;
import static io.fermata.migration.Phase.COPYING;
import static io.fermata.migration.Phase.DONE;
import static io.fermata.migration.Phase.FREEZING;
import static io.fermata.migration.Phase.NEEDS_OPERATOR;
import static io.fermata.migration.Phase.PRECOPYING;
import static io.fermata.migration.Phase.PREPARING;
import static io.fermata.migration.Phase.QUEUED;
import static io.fermata.migration.Phase.QUIESCING;
import static io.fermata.migration.Phase.RESUMING;
import static io.fermata.migration.Phase.ROLLING_BACK;
import static io.fermata.migration.Phase.SEALING;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.statemachine.StateMachine;
import org.springframework.statemachine.config.StateMachineFactory;
import org.springframework.statemachine.support.DefaultStateMachineContext;
import reactor.core.publisher.Mono;

/**
 * Which phase may follow which, as one table. Spring Statemachine runs the table and decides
 * legality; it keeps nothing and does nothing else. What it says depends on phase, trigger and
 * guard alone, and asking it takes a third of a millisecond, or many while its code is cold. So it
 * is asked once ({@link #askForEveryRow}), and a blackout waits for no more than a look into a map.
 *
 * <pre>
 *  QUEUED -> CHECKING -> PREPARING -> PRECOPYING -> QUIESCING -> FREEZING -> COPYING -> SEALING
 *     |         |            |            |             |            |          |          |  |
 *   DONE      DONE           +------------+-------------+------------+----------+----------+  |
 *                                         v                                                   v
 *                           DONE <- ROLLING_BACK <------------(void receipt)----------- RESUMING
 *                                         |                                                   |
 *                                         v                                                   v
 *                                  NEEDS_OPERATOR <-------------------------- CLEANING -> DONE
 * </pre>
 */
public final class Lifecycle implements Transitions {
  /** One row: in that phase, on that trigger, if the guard holds, to the next phase. */
  public record Row(Phase from, Trigger on, Phase to, Predicate<Migration> guard) {
    private static Row of(Phase from, Trigger on, Phase to) {
      return new Row(from, on, to, m -> true);
    }
  }

  private static final Set<Phase> CLAIMED =
      EnumSet.of(PREPARING, PRECOPYING, QUIESCING, FREEZING, COPYING, SEALING);

  private static final List<Row> FORWARD =
      List.of(
          Row.of(QUEUED, Trigger.ADMITTED, CHECKING),
          Row.of(CHECKING, Trigger.CHECKED, PREPARING),
          Row.of(PREPARING, Trigger.PREPARED_LIVE, PRECOPYING),
          Row.of(PREPARING, Trigger.PREPARED_DIRECT, QUIESCING),
          Row.of(PRECOPYING, Trigger.CONVERGED, QUIESCING),
          new Row(QUIESCING, Trigger.QUIESCED, FREEZING, m -> m.stop() != null),
          Row.of(FREEZING, Trigger.FROZEN, COPYING),
          new Row(COPYING, Trigger.LOADED, SEALING, m -> m.evidence().ready() != null),
          new Row(SEALING, Trigger.SEALED, RESUMING, m -> m.evidence().seal() != null),
          new Row(RESUMING, Trigger.RUNNING, CLEANING, m -> m.evidence().started() != null),
          Row.of(CLEANING, Trigger.CLEANED, DONE));

  private static final List<Row> BACK =
      List.of(
          Row.of(QUEUED, Trigger.DROPPED, DONE),
          Row.of(CHECKING, Trigger.DROPPED, DONE),
          new Row(RESUMING, Trigger.GIVEN_UP, ROLLING_BACK, m -> m.evidence().voided() != null),
          Row.of(ROLLING_BACK, Trigger.RETURNED, DONE),
          new Row(ROLLING_BACK, Trigger.OVERTAKEN, CLEANING, m -> m.evidence().started() != null),
          Row.of(ROLLING_BACK, Trigger.PARKED, NEEDS_OPERATOR),
          Row.of(RESUMING, Trigger.PARKED, NEEDS_OPERATOR),
          Row.of(CLEANING, Trigger.PARKED, NEEDS_OPERATOR),
          Row.of(NEEDS_OPERATOR, Trigger.FOUND_AT_SOURCE, ROLLING_BACK),
          Row.of(NEEDS_OPERATOR, Trigger.FOUND_AT_DESTINATION, CLEANING),
          new Row(NEEDS_OPERATOR, Trigger.RESOLVED, DONE, m -> m.resolution() != null));

  static final String HOLDS = "holds";
  private static final ParameterizedTypeReference<StateMachineFactory<Phase, Trigger>> FACTORY =
      new ParameterizedTypeReference<>() {};
  private static final List<Row> TABLE = table();

  private final StateMachineFactory<Phase, Trigger> machines;
  private final Map<Question, Optional<Phase>> answers = new ConcurrentHashMap<>();

  /**
   * All that an answer depends on.
   *
   * @param holds whether the guard of that phase and trigger lets the migration pass
   */
  private record Question(Phase from, Trigger on, boolean holds) {}

  /** Builds the machine from the table, in a small context of its own. */
  public Lifecycle() {
    var context = new AnnotationConfigApplicationContext(LifecycleTable.class);
    machines = context.getBeanProvider(FACTORY).getObject();
  }

  /** Beforehand, so that no blackout is the first to ask. Takes a while. */
  void askForEveryRow() {
    TABLE.forEach(row -> answer(new Question(row.from(), row.on(), true)));
  }

  /** The whole table, for tests and documents. */
  public static List<Row> rows() {
    return TABLE;
  }

  @Override
  public Optional<Phase> next(Migration migration, Trigger trigger) {
    boolean holds =
        TABLE.stream()
            .filter(row -> row.from() == migration.phase() && row.on() == trigger)
            .anyMatch(row -> row.guard().test(migration));
    return answer(new Question(migration.phase(), trigger, holds));
  }

  private Optional<Phase> answer(Question question) {
    return answers.computeIfAbsent(question, this::ask);
  }

  /**
   * The phase that follows, or empty when the table has no such row or its guard refuses. The
   * library calls a refused guard ACCEPTED, so only the state after the event counts. One at a
   * time: it is not made for more.
   */
  private synchronized Optional<Phase> ask(Question question) {
    StateMachine<Phase, Trigger> machine = machines.getStateMachine();
    var stored = new DefaultStateMachineContext<Phase, Trigger>(question.from(), null, null, null);
    machine
        .getStateMachineAccessor()
        .doWithAllRegions(access -> access.resetStateMachineReactively(stored).block());
    machine.startReactively().block();
    var event =
        MessageBuilder.withPayload(question.on()).setHeader(HOLDS, question.holds()).build();
    machine.sendEvent(Mono.just(event)).blockLast();
    Phase after = machine.getState().getId();
    machine.stopReactively().block();
    return after == question.from() ? Optional.empty() : Optional.of(after);
  }

  private static List<Row> table() {
    List<Row> giveUp =
        CLAIMED.stream().map(p -> Row.of(p, Trigger.GIVEN_UP, ROLLING_BACK)).toList();
    return Stream.of(FORWARD, BACK, giveUp).flatMap(List::stream).toList();
  }
}

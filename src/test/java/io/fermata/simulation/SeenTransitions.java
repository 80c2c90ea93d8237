package io.fermata.simulation;

import io.fermata.migration.Lifecycle;
import io.fermata.migration.Migration;
import io.fermata.migration.Phase;
import io.fermata.migration.Transitions;
import io.fermata.migration.Trigger;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The production's table, asked once for each phase, trigger and verdict of the guard: the library
 * behind it costs more time than all the rest of a simulated world.
 */
public final class SeenTransitions implements Transitions {
  private final Lifecycle lifecycle = new Lifecycle();
  private final Map<Question, Optional<Phase>> seen = new ConcurrentHashMap<>();

  private record Question(Phase from, Trigger on, boolean guarded) {}

  @Override
  public Optional<Phase> next(Migration migration, Trigger trigger) {
    boolean guarded =
        Lifecycle.rows().stream()
            .filter(row -> row.from() == migration.phase() && row.on() == trigger)
            .anyMatch(row -> row.guard().test(migration));
    var question = new Question(migration.phase(), trigger, guarded);
    return seen.computeIfAbsent(question, q -> lifecycle.next(migration, trigger));
  }
}

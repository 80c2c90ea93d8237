package io.fermata.steps;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Plays every story, notes each row that is taken for the first time, and plays the run again for
 * each disturbance of that row. Rows that such a run takes for the first time are disturbed in
 * their turn, until no new ones come or a run has been disturbed often enough. At every new place,
 * a machine and its state, every stray is tried.
 */
final class Exploration {
  private final int depth;
  private final int runsMost;
  private final Rows rows = new Rows();
  private final Set<String> known = new TreeSet<>();
  private final Set<String> places = new TreeSet<>();
  private final Set<String> refused = new TreeSet<>();
  private final Deque<Found> todo = new ArrayDeque<>();
  private final Map<Disturbance, Integer> disturbed = new EnumMap<>(Disturbance.class);
  private final Map<String, Integer> broken = new TreeMap<>();
  private final List<String> failures = new ArrayList<>();
  private int left;
  private int strayed;
  private int runs;
  private long taken;

  private record Found(Recipe recipe, Step step, boolean newRow, boolean newPlace) {}

  /**
   * @param depth how often one run may be disturbed
   * @param runsMost after so many runs no row that a disturbed run has found is disturbed any more
   */
  Exploration(int depth, int runsMost) {
    this.depth = depth;
    this.runsMost = runsMost;
  }

  Exploration explore() {
    for (Story story : Story.values()) {
      play(Recipe.of(story));
    }
    for (Found next = todo.poll(); next != null; next = todo.poll()) {
      if (runs < runsMost || next.recipe().marks().isEmpty()) {
        disturb(next);
      } else {
        left++;
      }
    }
    return this;
  }

  private void disturb(Found found) {
    Step step = found.step();
    if (found.newRow()) {
      for (Disturbance by : step.ends()) {
        disturbed.merge(by, 1, Integer::sum);
        play(found.recipe().with(new Mark.Disturbed(step.number(), by)));
      }
    }
    if (found.newPlace() && !step.host().isEmpty()) {
      for (String stray : Strays.names()) {
        strayed++;
        play(found.recipe().with(new Mark.Strayed(step.number(), step.host(), stray)));
      }
    }
  }

  private void play(Recipe recipe) {
    runs++;
    List<Step> steps;
    try {
      steps = Stage.play(recipe, rows);
    } catch (AssertionError e) {
      String rule = String.valueOf(e.getCause()).lines().findFirst().orElse("");
      broken.merge(rule.length() > 90 ? rule.substring(0, 90) : rule, 1, Integer::sum);
      failures.add(e.getMessage());
      return;
    }
    taken += steps.size();
    int last = recipe.marks().isEmpty() ? -1 : recipe.marks().getLast().step();
    for (Step step : steps) {
      if (step.number() >= last) {
        found(recipe, step);
      }
    }
  }

  private void found(Recipe recipe, Step step) {
    boolean newRow = known.add(step.row()) && matters(step);
    boolean newPlace = places.add(step.place());
    if ((newRow || newPlace) && recipe.marks().size() < depth) {
      todo.add(new Found(recipe, step, newRow, newPlace));
    }
  }

  /**
   * A refusal leaves everything as it was, so what disturbs it disturbs the state alone: one row of
   * each kind of refusal is enough.
   */
  private boolean matters(Step step) {
    String row = step.row();
    int came = row.indexOf(" | ");
    boolean refusal = row.matches(".*-> \\[[A-Z0-9_]+\\]");
    return !refusal || refused.add(row.substring(0, row.indexOf(' ')) + row.substring(came));
  }

  Rows rows() {
    return rows;
  }

  Set<String> known() {
    return known;
  }

  List<String> failures() {
    return failures;
  }

  @Override
  public String toString() {
    return ("%d rows at %d places; %d runs, %d steps, %d strays, %d disturbances %s; "
            + "%d rows left; %s")
        .formatted(
            known.size(),
            places.size(),
            runs,
            taken,
            strayed,
            disturbed.values().stream().mapToInt(n -> n).sum(),
            disturbed,
            left,
            broken);
  }
}

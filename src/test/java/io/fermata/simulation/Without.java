package io.fermata.simulation;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A world in which something is missing.
 *
 * @param rules that are dropped
 * @param faults that are always on, because only they show what is missing
 */
record Without(Set<Rule> rules, Set<Fault> faults) {
  static final Without NOTHING = new Without(Set.of(), Set.of());

  Without {
    rules = Set.copyOf(rules);
    faults = Set.copyOf(faults);
  }

  /** Reads what {@link #toString} wrote: rules, then a plus, then faults. */
  static Without parse(String words) {
    String[] halves = words.split("\\+", -1);
    Set<Rule> rules = words(halves[0], Rule::valueOf);
    return new Without(rules, halves.length == 1 ? Set.of() : words(halves[1], Fault::valueOf));
  }

  private static <E> Set<E> words(String list, Function<String, E> read) {
    return Arrays.stream(list.split(",", -1))
        .filter(word -> !word.isEmpty())
        .map(read)
        .collect(Collectors.toSet());
  }

  @Override
  public String toString() {
    return faults.isEmpty() ? words(rules) : words(rules) + "+" + words(faults);
  }

  private static <E extends Enum<E>> String words(Set<E> of) {
    return of.stream()
        .sorted(Comparator.naturalOrder())
        .map(Enum::name)
        .collect(Collectors.joining(","));
  }
}

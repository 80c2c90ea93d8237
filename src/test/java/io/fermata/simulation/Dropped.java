package io.fermata.simulation;

import java.util.Set;

/** Which rules the world of this thread does without; {@link Weaver} makes the core ask here. */
public final class Dropped {
  private static final ThreadLocal<Set<Rule>> RULES = ThreadLocal.withInitial(Set::of);

  private Dropped() {}

  static void by(Set<Rule> rules) {
    RULES.set(rules);
  }

  /** Called at the beginning of every method that is a rule. */
  public static boolean has(Rule rule) {
    return RULES.get().contains(rule);
  }
}

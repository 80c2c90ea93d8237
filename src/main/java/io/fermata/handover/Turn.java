package io.fermata.handover;

import java.util.ArrayList;
import java.util.List;

/**
 * One turn of an agent: what it is told about the moment, and what the machines leave behind. The
 * shell syncs the facts and only then lets the effects out. If the two were swapped, a peer could
 * act on a fact that a crash then takes back.
 */
public final class Turn {
  private final long now;
  private final String agent;
  private final Timings timings;
  private final List<Fact> facts = new ArrayList<>();
  private final List<Effect> effects = new ArrayList<>();

  public Turn(long now, String agent, Timings timings) {
    this.now = now;
    this.agent = agent;
    this.timings = timings;
  }

  /** The moment, in nanoseconds of the agent's BOOTTIME clock. */
  public long now() {
    return now;
  }

  /** The agent process that takes this turn. */
  public String agent() {
    return agent;
  }

  /** The agent's times. */
  public Timings timings() {
    return timings;
  }

  void record(Fact fact) {
    facts.add(fact);
  }

  void then(Effect effect) {
    effects.add(effect);
  }

  /** What must be on disk before any effect goes out, in order. */
  public List<Fact> facts() {
    return List.copyOf(facts);
  }

  /** What is to be done afterwards, in order. */
  public List<Effect> effects() {
    return List.copyOf(effects);
  }
}

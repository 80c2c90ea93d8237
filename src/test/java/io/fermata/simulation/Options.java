package io.fermata.simulation;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * What a seed is made of: the size of its world and which faults it knows (swarm: each is on or
 * off, so that the others show what it would hide).
 *
 * @param wire whether messages pass the real codec and slates are real files; slower
 * @param chances of the faults that are on
 */
public record Options(
    int guests,
    int devices,
    int orchestrators,
    long tickMillis,
    long chaosSeconds,
    boolean wire,
    Map<Fault, Double> chances) {

  /** Draws the options of a seed; these faults are on whatever the draw says, and often. */
  static Options draw(RandomGenerator random, Set<Fault> forced) {
    Map<Fault, Double> chances = new EnumMap<>(Fault.class);
    double density = random.nextDouble() * 0.6;
    for (Fault fault : Fault.values()) {
      double chance = fault.chance(random.nextDouble());
      if (random.nextDouble() < density) {
        chances.put(fault, chance);
      }
      if (forced.contains(fault)) {
        chances.put(fault, fault.chance(0.8));
      }
    }
    int guests = 1 + random.nextInt(2);
    int devices = 1 + random.nextInt(4);
    int orchestrators = 1 + random.nextInt(3);
    long tickMillis = random.nextBoolean() ? 20 : 60;
    long chaosSeconds = 20L + random.nextInt(100);
    boolean wire = random.nextInt(8) == 0;
    // nobody knows of a hand-over that a restored journal forgot, and nobody can rule on it: that
    // waits for a restore that asks the agents what they hold
    if (chances.containsKey(Fault.JOURNAL_RESTORED)) {
      chances.remove(Fault.HOST_LOST);
    }
    return new Options(guests, devices, orchestrators, tickMillis, chaosSeconds, wire, chances);
  }

  @Override
  public String toString() {
    return "guests "
        + guests
        + ", devices "
        + devices
        + ", orchestrators "
        + orchestrators
        + ", tick "
        + tickMillis
        + " ms, chaos "
        + chaosSeconds
        + " s, "
        + (wire ? "real codec, " : "")
        + chances.entrySet().stream()
            .map(e -> e.getKey() + String.format(Locale.ROOT, " %.3f", e.getValue()))
            .collect(Collectors.joining(", "));
  }
}

package io.fermata.simulation;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * What a seed is made of: the size of its world and which faults it knows (swarm: each is on or
 * off, so that the others show what it would hide).
 *
 * @param wire whether messages pass the real codec and slates are real files; slower
 * @param leases orchestrators share the journal as replicas, each by its lease; otherwise each new
 *     one takes everything and those before it go on as zombies
 * @param comparing whether an orchestrator asks the agents what they remember before it begins
 * @param chances of the faults that are on
 */
public record Options(
    int guests,
    int devices,
    int orchestrators,
    long tickMillis,
    long chaosSeconds,
    boolean wire,
    boolean leases,
    boolean comparing,
    Map<Fault, Double> chances) {

  /**
   * Faults that joined later; each draws for itself, so that the worlds of the others stay as they
   * were. They stand between a mutant and its kill more often than they help, so that its worlds
   * have those that it asks for.
   */
  private static final Set<Fault> LATER =
      EnumSet.of(
          Fault.HOST_LOST,
          Fault.COPY_RESET,
          Fault.DISK_READ_ONLY,
          Fault.SYNC_SLOW,
          Fault.GUEST_SLOW,
          Fault.CLOCK_STANDS,
          Fault.SLATE_UNREADABLE,
          Fault.HOP_MISTOLD,
          Fault.EMPTY_RESET,
          Fault.STREAM_LATE,
          Fault.STREAM_STALLS,
          Fault.AGENT_UPGRADED,
          Fault.ORCHESTRATOR_UPGRADED,
          Fault.WRONG_VERSION,
          Fault.JOURNAL_FULL,
          Fault.JOURNAL_CLOCK_STEP,
          Fault.WRONG_CERTIFICATE,
          Fault.LATE_SEAL,
          Fault.LATE_PAUSE,
          Fault.LATE_START);

  /** Draws the options of a seed; the faults that are forced are on, and often. */
  static Options draw(Function<String, RandomGenerator> generators, Without without) {
    RandomGenerator random = generators.apply("options");
    Map<Fault, Double> chances = new EnumMap<>(Fault.class);
    double density = random.nextDouble() * 0.6;
    for (Fault fault : EnumSet.allOf(Fault.class)) {
      boolean later = LATER.contains(fault);
      RandomGenerator own = later ? generators.apply("option " + fault) : random;
      double chance = fault.chance(own.nextDouble());
      boolean allowed = !later || without.rules().isEmpty();
      if (own.nextDouble() < density && allowed) {
        chances.put(fault, chance);
      }
      if (without.faults().contains(fault)) {
        chances.put(fault, fault.chance(0.8));
      }
    }
    int guests = 1 + random.nextInt(2);
    int devices = 1 + random.nextInt(4);
    int orchestrators = 1 + random.nextInt(3);
    long tickMillis = random.nextBoolean() ? 20 : 60;
    long chaosSeconds = 20L + random.nextInt(100);
    boolean wire = random.nextInt(8) == 0;
    // a lost host cannot tell what a restored journal forgot, and nobody else may know of it
    if (chances.containsKey(Fault.JOURNAL_RESTORED)) {
      chances.remove(Fault.HOST_LOST);
    }
    // replicas that know of each other are the tamer world: a mutant is shown by zombies
    boolean leases = without.rules().isEmpty() && generators.apply("option leases").nextBoolean();
    boolean sometimes = generators.apply("option comparing").nextInt(4) == 0;
    boolean comparing =
        without.rules().isEmpty() && (sometimes || chances.containsKey(Fault.JOURNAL_RESTORED));
    return new Options(
        guests, devices, orchestrators, tickMillis, chaosSeconds, wire, leases, comparing, chances);
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
        + (leases ? "leases, " : "")
        + (comparing ? "comparing, " : "")
        + chances.entrySet().stream()
            .map(e -> e.getKey() + String.format(Locale.ROOT, " %.3f", e.getValue()))
            .collect(Collectors.joining(", "));
  }
}

package io.fermata.simulation;

import io.fermata.device.Capabilities;
import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.HostName;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.Row;
import io.fermata.journal.RowFilter;
import io.fermata.migration.Failure;
import io.fermata.migration.Migration;
import io.fermata.migration.MigrationRows;
import io.fermata.migration.Phase;
import io.fermata.simulation.invariant.Invariant;
import io.fermata.wire.Codec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;

/**
 * One seed: trouble for a while; then calm without any orchestrator, in which the agents must
 * settle what is sealed and wake what is not; then one orchestrator, which must bring every
 * migration to its end.
 */
public final class Simulation {
  private static final Codec CODEC = new Codec();
  private static final int HOSTS = 3;
  private static final Logger SLATES = Logger.getLogger("io.fermata.agent.FileSlate");
  private static final Logger RECOVERY = Logger.getLogger("io.fermata.migration.Recovery");

  static {
    RECOVERY.setLevel(Level.OFF);
    SLATES.setLevel(Level.OFF); // what a torn slate has to say is said a thousand times a second
  }

  private static final long SETTLED_WITHIN = 90 * World.SECOND;
  private static final long ENDED_WITHIN = 600 * World.SECOND;

  private final long seed;
  private final World world;
  private final Truth truth = new Truth();
  private final SortedMap<HostName, SimHost> hosts = new TreeMap<>();
  private final Surroundings around;
  private final Control control;
  private final List<Invariant> invariants = Invariant.all();
  private int orders;
  private boolean suspicious;
  private String seen = "";

  /**
   * What came of a seed.
   *
   * @param outcomes how many migrations ended so; NEEDS_OPERATOR counts those that are parked
   */
  public record Result(
      long seed,
      long hash,
      long events,
      long nanos,
      Map<Fault, Long> faults,
      int orders,
      Map<String, Integer> outcomes) {}

  private Simulation(long seed, Without without) {
    this.seed = seed;
    this.world = new World(seed, without);
    this.around =
        new Surroundings(
            world, truth, new SimNetwork(world), CODEC, hosts, new SimClock(world, "leases"));
    this.control =
        new Control(
            around,
            new MemoryJournal(
                () -> Instant.ofEpochSecond(1_800_000_000L, world.now()), Duration.ofDays(7)));
    furnish();
  }

  /** Runs a seed to its end; throws {@link Violation} with the whole story if something breaks. */
  public static Result run(long seed) {
    return run(seed, Without.NOTHING);
  }

  /** The same, and no event may change what an invariant sees without saying so: slow. */
  static void runSuspicious(long seed) {
    Simulation simulation = new Simulation(seed, Without.NOTHING);
    simulation.suspicious = true;
    simulation.live();
  }

  /** The same without these rules. */
  static Result run(long seed, Without without) {
    return run(seed, without, Witness.NOBODY);
  }

  private void furnish() {
    RandomGenerator random = world.random("furniture");
    Options options = world.options();
    int slots = options.guests() * options.devices();
    for (int i = 0; i < HOSTS; i++) {
      HostName name = new HostName("host-" + (char) ('a' + i));
      hosts.put(name, new SimHost(name, around));
    }
    for (int slot = 0; slot < slots; slot++) {
      Capabilities offered = capabilities(random);
      for (SimHost host : hosts.values()) {
        boolean home = host.name().value().equals("host-a");
        String guest = "vm-" + slot / options.devices();
        var device = new SimDevice(world, truth, host.name(), new DeviceName("d" + slot), offered);
        host.add(device, home ? guest : null);
        if (home) {
          device.hold(new Content(guest, slot % options.devices(), 0));
          truth.processors(host.name(), guest, true);
        }
      }
    }
  }

  private Capabilities capabilities(RandomGenerator random) {
    boolean p2p = world.options().devices() > 1 || random.nextBoolean();
    boolean live = random.nextBoolean();
    Capabilities base = Capabilities.of(Capability.STOP_COPY);
    if (p2p && live) {
      return Capabilities.of(Capability.STOP_COPY, Capability.P2P, Capability.PRE_COPY);
    }
    return p2p ? Capabilities.of(Capability.STOP_COPY, Capability.P2P) : base;
  }

  /** The same, told to a witness; what breaks is thrown as in any other run. */
  static Result run(long seed, Without without, Witness witness) {
    Dropped.by(without.rules());
    Simulation simulation = new Simulation(seed, without);
    simulation.truth.witness(witness);
    try {
      return simulation.live();
    } catch (Violation e) {
      throw new AssertionError(simulation.story(e), e);
    } finally {
      Dropped.by(Set.of());
    }
  }

  private Result live() {
    hosts.values().forEach(SimHost::boot);
    control.takeOver();
    for (int i = 1; world.options().leases() && i < world.options().orchestrators(); i++) {
      control.takeOver();
    }
    new Nemesis(around, control).begin();
    People people = new People(around, control);
    people.begin();
    until(world.options().chaosSeconds() * World.SECOND, () -> false);
    orders = people.orders();
    calmDown();
    settle(truth::waitsForWord);
    end();
    return new Result(
        seed,
        world.trace().hash(),
        world.trace().count(),
        world.now(),
        world.struck(),
        orders,
        outcomes());
  }

  private boolean until(long nanos, BooleanSupplier reached) {
    while (!reached.getAsBoolean()) {
      if (!world.step(nanos)) {
        return reached.getAsBoolean();
      }
      look();
    }
    return true;
  }

  /** After every event; where nothing changed that an invariant can see, none can say more. */
  private void look() {
    if (suspicious && !truth.changed() && !truth.fingerprint().equals(seen)) {
      throw new Violation("EveryChangeIsSeen", seen + " became " + truth.fingerprint());
    }
    if (truth.changed()) {
      invariants.forEach(invariant -> invariant.check(truth));
      truth.seen();
      seen = suspicious ? truth.fingerprint() : "";
    }
  }

  private void calmDown() {
    world.calmDown();
    control.alive().forEach(control::kill);
    around.network().heal();
    for (SimHost host : hosts.values()) {
      host.wake();
      host.mend();
      host.boot();
    }
  }

  /** L1 and L2, with no orchestrator alive; what hangs on the lost host needs an operator. */
  private void settle(Predicate<String> excused) {
    for (String guest : truth.guests()) {
      if (!until(
          world.now() + SETTLED_WITHIN,
          () -> truth.broken(guest) || excused.test(guest) || isUp(guest))) {
        throw new Violation("AgentsSettleAlone", guest + " does not run: " + states(guest));
      }
    }
  }

  private boolean isUp(String guest) {
    return truth.holding(guest).entrySet().stream()
        .anyMatch(e ->
            truth.runs(e.getKey(), guest)
                && e.getValue().size() == world.options().devices()
                && e.getValue().stream().allMatch(t -> t.state() == DeviceState.RUNNING));
  }

  private String states(String guest) {
    StringBuilder words = new StringBuilder();
    truth.holding(guest).values().stream()
        .flatMap(List::stream)
        .forEach(t -> words.append(t.host() + " " + t.name() + " " + t.state() + "; "));
    hosts.keySet().forEach(h -> words.append(h + " vCPUs " + truth.runs(h, guest) + "; "));
    return words.toString();
  }

  /** L3: every migration ends, or says what it waits for. */
  private void end() {
    control.takeOver();
    until(world.now() + World.SECOND, () -> false);
    if (!until(world.now() + ENDED_WITHIN, this::allEnded)) {
      List<String> open =
          control.journal().open().stream().map(r -> r.id() + " " + r.phase()).toList();
      throw new Violation("EveryMigrationEnds", "still open: " + open);
    }
    for (Row row : control.journal().open()) {
      Migration parked = MigrationRows.read(row);
      if (parked.failure() == null) {
        throw new Violation("EveryMigrationEnds", parked.id() + " is parked without a reason");
      }
    }
    settle(guest -> false);
  }

  private boolean allEnded() {
    return control.alive().stream().allMatch(Orchestrator::hasBegun)
        && control.journal().open().stream()
            .allMatch(row -> row.phase().equals(Phase.NEEDS_OPERATOR.name()));
  }

  private Map<String, Integer> outcomes() {
    Map<String, Integer> outcomes = new TreeMap<>();
    for (Row row : control.journal().list(RowFilter.ALL, null, 10_000)) {
      String word = row.outcome() == null ? row.phase() : row.outcome();
      Failure failure = MigrationRows.read(row).failure();
      outcomes.merge(failure == null ? word : word + " " + failure.code(), 1, Integer::sum);
    }
    return outcomes;
  }

  private static String replayWithout(Without without) {
    return without.equals(Without.NOTHING) ? "" : " -Dfermata.simulation.without=" + without;
  }

  private String story(Violation violation) {
    return """
    %s
    seed %d, commit %s: %s
    replay: ./mvnw test -Dtest=SimulationTest -Dfermata.simulation.seed=%d%s
    %s
    """
        .formatted(
            violation.getMessage(),
            seed,
            Commit.name(),
            world.options(),
            seed,
            replayWithout(world.without()),
            String.join("\n", world.trace().last()));
  }
}

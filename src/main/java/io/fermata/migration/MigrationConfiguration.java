package io.fermata.migration;

import io.fermata.fleet.AgentClient;
import io.fermata.fleet.AgentConnections;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.FleetSettings;
import io.fermata.fleet.Inventory;
import io.fermata.fleet.MeasuredAgentClient;
import io.fermata.fleet.PolledFleet;
import io.fermata.journal.EntryTypes;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalMetrics;
import io.fermata.journal.JournalTime;
import io.fermata.journal.PostgresJournal;
import io.fermata.journal.PostgresReplicas;
import io.fermata.journal.Replicas;
import io.fermata.journal.SqliteJournal;
import io.fermata.metrics.Instruments;
import io.fermata.migration.metrics.RecoveryMetrics;
import io.fermata.migration.metrics.ReplicaMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Puts the orchestrator together: real clock, disk, network and randomness around the same loop
 * that the simulator drives.
 */
@Configuration(proxyBeanMethods = false)
class MigrationConfiguration {
  private static final int OWNER_LENGTH = 8;
  private static final int TOKEN_LENGTH = 32;

  /** Whoever asks the moment the server answers would be told to come again otherwise. */
  private static final Duration FIRST_COMPARISON = Duration.ofSeconds(5);

  @Bean
  InstantSource time() {
    return Clock.systemUTC();
  }

  @Bean
  Moment moment(InstantSource time, @Qualifier("monotonicNanos") LongSupplier nanos) {
    return new SystemMoment(time, nanos);
  }

  @Bean(destroyMethod = "close")
  Journal journal(
      MigrationSettings.JournalPlace place,
      InstantSource time,
      Moment moment,
      List<EntryTypes> others,
      PrometheusRegistry registry) {
    List<String> types =
        Stream.concat(
                MigrationJson.types().stream(), others.stream().flatMap(o -> o.types().stream()))
            .toList();
    var metrics = new JournalMetrics(new Instruments(registry), types);
    var clocks = new JournalTime(time, moment::monotonicNanos);
    return metrics.around(
        place.shared()
            ? PostgresJournal.open(place.postgres(), place.journal(), clocks, metrics::appended)
            : SqliteJournal.open(place.journal(), clocks, metrics::appended));
  }

  @Bean(destroyMethod = "close")
  MeasuredAgentClient agentClient(
      AgentConnections connections, Moment moment, PrometheusRegistry registry) {
    return new MeasuredAgentClient(
        connections.client(), moment::monotonicNanos, new Instruments(registry));
  }

  /** Its first round asks the hosts that an administrator has entered, too. */
  @Bean(initMethod = "start", destroyMethod = "close")
  PolledFleet fleet(
      FleetSettings settings,
      Inventory inventory,
      AgentClient client,
      Journal journal,
      InstantSource time) {
    var fleet = new PolledFleet(settings, inventory, client, time);
    fleet.marks(JournaledHosts.read(journal));
    return fleet;
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  JournaledHosts hostOrders(Journal journal, PolledFleet fleet) {
    return new JournaledHosts(journal, fleet::marks);
  }

  @Bean(destroyMethod = "close")
  MigrationThread migrationThread(
      Moment moment, @Qualifier("processEnd") ObjectProvider<IntConsumer> end) {
    IntConsumer exit = end.getIfAvailable(() -> Runtime.getRuntime()::halt);
    return new MigrationThread(moment::epochMillis, exit);
  }

  /**
   * Closed before the journal that they read.
   *
   * @param journal what is read
   */
  @Bean(destroyMethod = "close")
  JournalThreads journalThreads(Journal journal) {
    return new JournalThreads();
  }

  /** Whether something is under way here: then nothing is begun that can wait. */
  @Bean
  BooleanSupplier busy(Journal journal) {
    return () -> !journal.open().isEmpty();
  }

  @Bean
  Agents agents(Fleet fleet, AgentClient client) {
    return new FleetAgents(fleet, client);
  }

  /** Closed before the journal, whose tables it reads. */
  @Bean(destroyMethod = "close")
  KeeperThread keeperThread(
      MigrationSettings.JournalPlace place,
      MigrationSettings.ReplicaPlace replica,
      Journal journal,
      MigrationLoop loop,
      Environment environment,
      PrometheusRegistry registry) {
    KeeperThread keeper = keeper(place, replica, journal, loop, environment);
    ReplicaMetrics.show(new Instruments(registry), keeper::keeper);
    return keeper;
  }

  private static KeeperThread keeper(
      MigrationSettings.JournalPlace place,
      MigrationSettings.ReplicaPlace replica,
      Journal journal,
      MigrationLoop loop,
      Environment environment) {
    if (!place.shared()) {
      return new KeeperThread(null, () -> null);
    }
    var replicas = new PostgresReplicas(place.postgres());
    String token = JournaledMigrations.word(random(), TOKEN_LENGTH);
    return new KeeperThread(
        replicas,
        () -> {
          var self =
              new Replicas.Replica(
                  loop.name(), ReplicaUrl.of(replica.url(), environment), token, 0, 0);
          return new Keeper(replicas, journal, loop, self, replica.terms());
        });
  }

  @Bean
  Owners owners(KeeperThread keeper, MigrationLoop loop, Journal journal) {
    return new JournaledOwners(keeper::keeper, loop, journal);
  }

  @Bean
  MigrationLoop migrationLoop(
      Journal journal,
      Fleet fleet,
      Agents agents,
      Moment moment,
      MigrationThread thread,
      List<Onlooker> onlookers,
      MigrationSettings settings,
      MigrationSettings.JournalPlace place,
      LimitSettings limits,
      JournalThreads threads) {
    String owner = JournaledMigrations.word(random(), OWNER_LENGTH);
    Tenure tenure = place.shared() ? Tenure.leased() : Tenure.alone();
    Onlooker onlooker = new Onlookers(onlookers);
    var world =
        new MigrationLoop.World(journal, agents, fleet, moment, thread, owner, onlooker, tenure);
    Terms terms = settings.terms();
    var rules = new Places.Rules(limits.limits(terms.maxActive()), limits.aging().toMillis());
    var lifecycle = new Lifecycle();
    Thread.ofPlatform().daemon().name("lifecycle").start(lifecycle::askForEveryRow);
    var loop = new MigrationLoop(world, lifecycle, terms, rules);
    if (place.shared()) {
      loop.share(journal);
    }
    loop.doorkeeper().loadDue(moment.epochMillis()); // before anybody can start under other limits
    loop.doorkeeper().readOn(threads.limits());
    loop.reading().readOn(threads.reading());
    return loop;
  }

  @Bean
  DryRuns dryRuns(Journal journal, InstantSource time, MigrationSettings.DryRunSettings settings) {
    var terms = new JournaledDryRuns.Settings(settings.most(), settings.valid());
    return new JournaledDryRuns(journal, time, random(), terms);
  }

  @Bean
  Latencies latencies() {
    return new Latencies();
  }

  @Bean
  Learning learning(Fleet fleet, Latencies latencies) {
    return new Learning(fleet, latencies);
  }

  @Bean(destroyMethod = "close")
  Relearning relearning(Journal journal, Fleet fleet, Learning learning) {
    return new Relearning(journal, fleet, learning);
  }

  @Bean
  Traffic traffic(MigrationLoop loop) {
    return new JournaledTraffic(loop);
  }

  /** Whether the journal is as new as what the agents remember: asked before anything is driven. */
  @Bean
  JournaledRecovery recovery(
      MigrationLoop loop,
      Journal journal,
      Fleet fleet,
      AgentClient client,
      FleetSettings fleetSettings,
      MigrationSettings.RecoverySettings settings,
      JournalThreads threads,
      PrometheusRegistry registry) {
    var recovery =
        new JournaledRecovery(
            loop,
            journal,
            new FleetMemories(fleet, client),
            fleet,
            new JournaledRecovery.Settings(
                settings.mode(),
                fleetSettings.timeout().toMillis(),
                fleetSettings.lost().toMillis()));
    recovery.readOn(threads.recovery());
    RecoveryMetrics.show(new Instruments(registry), recovery);
    return recovery;
  }

  /**
   * Alone, it takes up what is open; among others, its keeper does once it has a lease. Either once
   * the journal was compared with the agents.
   *
   * @param orders known before anything starts
   */
  @Bean
  Migrations migrations(
      HostOrders orders,
      Journal journal,
      MigrationLoop loop,
      MigrationThread thread,
      JournaledRecovery recovery,
      MigrationSettings.JournalPlace place) {
    var migrations = new JournaledMigrations(loop, journal, random());
    thread.start(loop);
    if (place.shared()) {
      recovery.start(open -> {});
    } else {
      migrations.recover(recovery);
    }
    recovery.awaitFirst(FIRST_COMPARISON);
    return migrations;
  }

  private static RandomGenerator random() {
    return RandomGenerator.of("SecureRandom");
  }

  private record SystemMoment(InstantSource time, LongSupplier nanos) implements Moment {
    @Override
    public long epochNanos() {
      Instant now = time.instant();
      return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    @Override
    public long monotonicNanos() {
      return nanos.getAsLong();
    }
  }
}

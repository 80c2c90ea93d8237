package io.fermata.migration;

import io.fermata.fleet.AgentClient;
import io.fermata.fleet.AgentConnections;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.FleetSettings;
import io.fermata.fleet.MeasuredAgentClient;
import io.fermata.fleet.PolledFleet;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalMetrics;
import io.fermata.journal.JournalTime;
import io.fermata.journal.PostgresJournal;
import io.fermata.journal.SqliteJournal;
import io.fermata.metrics.Instruments;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Puts the orchestrator together: real clock, disk, network and randomness around the same loop
 * that the simulator drives.
 */
@Configuration(proxyBeanMethods = false)
class MigrationConfiguration {
  private static final int OWNER_LENGTH = 8;

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
      PrometheusRegistry registry) {
    var metrics = new JournalMetrics(new Instruments(registry), MigrationJson.types());
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

  @Bean(initMethod = "start", destroyMethod = "close")
  PolledFleet fleet(FleetSettings settings, AgentClient client, InstantSource time) {
    return new PolledFleet(settings, client, time);
  }

  @Bean(destroyMethod = "close")
  MigrationThread migrationThread(Moment moment) {
    return new MigrationThread(moment::epochMillis, Runtime.getRuntime()::halt);
  }

  @Bean
  Agents agents(Fleet fleet, AgentClient client) {
    return new FleetAgents(fleet, client);
  }

  @Bean
  Migrations migrations(
      Journal journal,
      Fleet fleet,
      Agents agents,
      Moment moment,
      MigrationThread thread,
      Onlooker onlooker,
      MigrationSettings settings) {
    RandomGenerator random = random();
    String owner = JournaledMigrations.word(random, OWNER_LENGTH);
    var world = new MigrationLoop.World(journal, agents, fleet, moment, thread, owner, onlooker);
    var loop = new MigrationLoop(world, new Lifecycle(), settings.terms());
    var migrations = new JournaledMigrations(loop, journal, random);
    thread.start(loop);
    migrations.recover();
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

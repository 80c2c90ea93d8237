package io.fermata.drain;

import io.fermata.fleet.Fleet;
import io.fermata.journal.EntryTypes;
import io.fermata.journal.Journal;
import io.fermata.metrics.Instruments;
import io.fermata.migration.HostOrders;
import io.fermata.migration.Migrations;
import io.fermata.migration.Traffic;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The drains over the orchestrator's migrations. */
@Configuration(proxyBeanMethods = false)
class DrainConfiguration {
  @Bean
  static EntryTypes drainEntries() {
    return new EntryTypes(News.types());
  }

  /** Closed before the migrations, whose loop it asks. */
  @Bean(initMethod = "start", destroyMethod = "close")
  Drains drains(
      Journal journal,
      Fleet fleet,
      HostOrders orders,
      Migrations migrations,
      Traffic traffic,
      InstantSource time,
      DrainSettings settings,
      PrometheusRegistry registry) {
    var random = RandomGenerator.of("SecureRandom");
    var world = new Drains.World(journal, fleet, orders, migrations, traffic, time, random);
    var drains = new Drains(world, settings);
    DrainMetrics.show(new Instruments(registry), drains::seen, time);
    return drains;
  }
}

package io.fermata.migration.metrics;

import io.fermata.fleet.Fleet;
import io.fermata.metrics.Instruments;
import io.fermata.migration.Latencies;
import io.fermata.migration.MigrationSettings;
import io.fermata.migration.Moment;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts the onlooker where the loop finds it. */
@Configuration(proxyBeanMethods = false)
class MeasuringConfiguration {
  @Bean(initMethod = "start", destroyMethod = "close")
  MigrationMetrics migrationMetrics(
      PrometheusRegistry registry,
      Fleet fleet,
      Latencies learned,
      Moment moment,
      MigrationSettings settings) {
    var instruments = new Instruments(registry);
    return new MigrationMetrics(
        instruments, new MigrationMetrics.Surroundings(fleet, learned, moment), settings.terms());
  }
}

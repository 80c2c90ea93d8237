package io.fermata.migration.trace;

import io.fermata.metrics.Instruments;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Objects;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Traces, where somebody takes them. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("fermata.tracing.endpoint")
class TracingConfiguration {
  @Bean(initMethod = "start", destroyMethod = "close")
  Exporter exporter(
      TracingSettings settings,
      ObjectProvider<BuildProperties> build,
      PrometheusRegistry registry) {
    BuildProperties known = build.getIfAvailable();
    String version = known == null ? null : known.getVersion();
    return new Exporter(
        settings,
        Objects.requireNonNull(settings.endpoint()),
        Objects.requireNonNullElse(version, "unknown"),
        new Instruments(registry));
  }

  @Bean
  Tracing tracing(Exporter exporter) {
    return new Tracing(exporter);
  }
}

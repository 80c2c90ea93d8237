package io.fermata.audit;

import io.fermata.journal.Journal;
import io.fermata.metrics.Instruments;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The trail over the orchestrator's journal. */
@Configuration(proxyBeanMethods = false)
class AuditConfiguration {
  @Bean
  AuditTrail auditTrail(Journal journal, AuditSettings settings, PrometheusRegistry registry) {
    return new AuditTrail(journal, settings, new Instruments(registry));
  }

  @Bean
  BreakGlass breakGlass(
      Journal journal, AuditSettings settings, InstantSource time, PrometheusRegistry registry) {
    return new BreakGlass(journal, settings, time, new Instruments(registry));
  }
}

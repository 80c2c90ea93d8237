package io.fermata.webhook;

import io.fermata.journal.Journal;
import io.fermata.metrics.Instruments;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The couriers over the orchestrator's journal. */
@Configuration(proxyBeanMethods = false)
class WebhookConfiguration {
  @Bean(initMethod = "start", destroyMethod = "close")
  Webhooks webhooks(
      WebhookSettings settings, Journal journal, InstantSource time, PrometheusRegistry registry) {
    var random = RandomGenerator.of("SecureRandom");
    return new Webhooks(settings, journal, time, random, new Instruments(registry));
  }
}

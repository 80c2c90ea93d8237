package io.fermata;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;

/**
 * What one process of this jar is. Each role starts its own Spring context over its own packages,
 * so that the code of the other role cannot run by accident.
 */
public enum Role {
  /** Serves the REST API, keeps the journal, drives migrations. */
  ORCHESTRATOR(Orchestrator.class),
  /** Holds the device descriptors of one host. */
  AGENT(Agent.class);

  private final Class<?> configuration;

  Role(Class<?> configuration) {
    this.configuration = configuration;
  }

  /** The root of this role's Spring context. */
  Class<?> configuration() {
    return configuration;
  }

  /** The word that selects this role on the command line. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The role that {@code word} selects, or empty if there is no such role. */
  static Optional<Role> of(String word) {
    return Arrays.stream(values()).filter(role -> role.word().equals(word)).findFirst();
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @ComponentScan({
    "io.fermata.api",
    "io.fermata.migration",
    "io.fermata.journal",
    "io.fermata.fleet",
    "io.fermata.wire.tls",
    "io.fermata.metrics",
    "io.fermata.audit",
    "io.fermata.webhook",
    "io.fermata.drain"
  })
  @ConfigurationPropertiesScan({
    "io.fermata.api",
    "io.fermata.migration",
    "io.fermata.journal",
    "io.fermata.fleet",
    "io.fermata.wire.tls",
    "io.fermata.audit",
    "io.fermata.webhook",
    "io.fermata.drain"
  })
  static class Orchestrator {
    /**
     * The one place where the orchestrator reads a monotonic clock; everything else is handed it.
     */
    @Bean
    LongSupplier monotonicNanos() {
      return System::nanoTime;
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @ComponentScan({"io.fermata.agent", "io.fermata.wire.tls", "io.fermata.metrics"})
  @ConfigurationPropertiesScan({"io.fermata.agent", "io.fermata.wire.tls"})
  static class Agent {}
}

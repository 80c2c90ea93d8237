package io.fermata.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Locale;

/**
 * Makes the instruments of one process. Counting and observing take neither lock nor disk; whoever
 * counts often keeps the data point that {@code labelValues} returns.
 */
public final class Instruments {
  private final PrometheusRegistry registry;

  public Instruments(PrometheusRegistry registry) {
    this.registry = registry;
  }

  /**
   * A counter.
   *
   * @param name ends in {@code _total}
   */
  public Counter counter(String name, String help, String... labels) {
    return Counter.builder()
        .name(name)
        .help(help)
        .labelNames(labels)
        .withoutExemplars()
        .register(registry);
  }

  /** A histogram; see there. */
  public Distribution histogram(Buckets buckets, String name, String help, String... labels) {
    Distribution distribution = new Distribution(buckets, name, help, labels);
    registry.register(distribution);
    return distribution;
  }

  /** Gauges that are read at each scrape. */
  public void read(Gauges gauges) {
    registry.register(gauges);
  }

  /** An enum's constant as a label value: lower case. */
  public static String label(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT);
  }
}

package io.fermata.metrics;

import io.prometheus.metrics.model.registry.MetricType;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricFamilyDescriptor;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Gauges that belong together: one look at the state fills all of them, so that they agree with
 * each other, and nothing is kept up to date between scrapes.
 */
public final class Gauges implements MultiCollector {
  private static final String INFO = "_info";

  private final Map<String, Kind> kinds = new LinkedHashMap<>();
  private final Consumer<Readings> look;

  private record Kind(String name, String help, List<String> labels) {}

  /** What one look found. */
  public static final class Readings {
    private final Map<String, List<Point>> points = new LinkedHashMap<>();

    private record Point(double value, List<String> labels) {}

    private Readings() {}

    /**
     * One reading.
     *
     * @param labels the values, in the order in which the names were declared
     */
    public void put(String gauge, double value, String... labels) {
      points
          .computeIfAbsent(gauge, name -> new ArrayList<>())
          .add(new Point(value, List.of(labels)));
    }
  }

  /**
   * @param look runs on the thread of each scrape, perhaps on several at once
   */
  public Gauges(Consumer<Readings> look) {
    this.look = look;
  }

  /** Declares a gauge; a name that ends in {@code _info} is a series that is always 1. */
  public Gauges gauge(String name, String help, String... labels) {
    kinds.put(name, new Kind(name, help, List.of(labels)));
    return this;
  }

  @Override
  public MetricSnapshots collect() {
    Readings readings = new Readings();
    look.accept(readings);
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    for (Kind kind : kinds.values()) {
      List<Readings.Point> points = readings.points.getOrDefault(kind.name, List.of());
      if (!points.isEmpty()) {
        all.metricSnapshot(kind.name.endsWith(INFO) ? info(kind, points) : gauge(kind, points));
      }
    }
    return all.build();
  }

  private static MetricSnapshot gauge(Kind kind, List<Readings.Point> points) {
    GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(kind.name).help(kind.help);
    for (Readings.Point point : points) {
      gauge.dataPoint(
          GaugeDataPointSnapshot.builder()
              .value(point.value)
              .labels(Labels.of(kind.labels, point.labels))
              .build());
    }
    return gauge.build();
  }

  private static MetricSnapshot info(Kind kind, List<Readings.Point> points) {
    InfoSnapshot.Builder info = InfoSnapshot.builder().name(base(kind.name)).help(kind.help);
    for (Readings.Point point : points) {
      info.dataPoint(
          InfoDataPointSnapshot.builder().labels(Labels.of(kind.labels, point.labels)).build());
    }
    return info.build();
  }

  private static String base(String name) {
    return name.endsWith(INFO) ? name.substring(0, name.length() - INFO.length()) : name;
  }

  @Override
  public List<MetricFamilyDescriptor> getMetricFamilyDescriptors() {
    return kinds.values().stream().map(Gauges::descriptor).toList();
  }

  private static MetricFamilyDescriptor descriptor(Kind kind) {
    MetricType type = kind.name.endsWith(INFO) ? MetricType.INFO : MetricType.GAUGE;
    return MetricFamilyDescriptor.of(type, base(kind.name))
        .help(kind.help)
        .labelNames(kind.labels)
        .build();
  }
}

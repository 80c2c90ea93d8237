package io.fermata.metrics;

import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricFamilyDescriptor;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A histogram with classic buckets and, for those who scrape protobuf, native ones. A series of it
 * appears with its first observation. Each classic bucket remembers the migration that fell into it
 * last. (The client library's own exemplars want a class that Micrometer leaves out.)
 */
public final class Distribution implements Collector {
  private static final int SCHEMA = 3;
  private static final int NATIVE_BUCKETS = 160;

  private final Histogram histogram;
  private final double[] bounds;
  private final Map<Labels, Point> points = new ConcurrentHashMap<>();
  private final String[] names;

  /** The histogram of one combination of label values. */
  public static final class Point {
    private final DistributionDataPoint observed;
    private final double[] bounds;
    private final AtomicReferenceArray<Exemplar> exemplars;

    private Point(DistributionDataPoint observed, double[] bounds) {
      this.observed = observed;
      this.bounds = bounds;
      this.exemplars = new AtomicReferenceArray<>(bounds.length + 1);
    }

    /** One observation. */
    public void observe(double value) {
      observed.observe(value);
    }

    /** One observation, and the migration that it was made of. */
    public void observe(double value, String migration) {
      observed.observe(value);
      int found = Arrays.binarySearch(bounds, value);
      var exemplar =
          new Exemplar(
              value,
              Labels.of("migration", migration, "trace_id", TraceId.of(migration)),
              System.currentTimeMillis());
      exemplars.set(found < 0 ? -found - 1 : found, exemplar);
    }

    private Exemplars exemplars() {
      List<Exemplar> known = new ArrayList<>();
      for (int i = 0; i < exemplars.length(); i++) {
        Exemplar exemplar = exemplars.get(i);
        if (exemplar != null) {
          known.add(exemplar);
        }
      }
      return Exemplars.of(known);
    }
  }

  Distribution(Buckets buckets, String name, String help, String... labels) {
    bounds = buckets.bounds();
    names = labels;
    histogram =
        Histogram.builder()
            .name(name)
            .help(help)
            .labelNames(labels)
            .classicUpperBounds(bounds)
            .nativeInitialSchema(SCHEMA)
            .nativeMaxNumberOfBuckets(NATIVE_BUCKETS)
            .withoutExemplars()
            .build();
  }

  /** The series with these label values, in the order in which the names were declared. */
  public Point labelValues(String... values) {
    return points.computeIfAbsent(
        Labels.of(names, values), key -> new Point(histogram.labelValues(values), bounds));
  }

  @Override
  public MetricSnapshot collect() {
    HistogramSnapshot plain = histogram.collect();
    return new HistogramSnapshot(
        plain.getMetadata(), plain.getDataPoints().stream().map(this::withExemplars).toList());
  }

  private HistogramDataPointSnapshot withExemplars(HistogramDataPointSnapshot plain) {
    Point point = points.get(plain.getLabels());
    return new HistogramDataPointSnapshot(
        plain.getClassicBuckets(),
        plain.getNativeSchema(),
        plain.getNativeZeroCount(),
        plain.getNativeZeroThreshold(),
        plain.getNativeBucketsForPositiveValues(),
        plain.getNativeBucketsForNegativeValues(),
        plain.getSum(),
        plain.getLabels(),
        point == null ? Exemplars.EMPTY : point.exemplars(),
        plain.getCreatedTimestampMillis());
  }

  @Override
  public MetricFamilyDescriptor getMetricFamilyDescriptor() {
    return Objects.requireNonNull(histogram.getMetricFamilyDescriptor());
  }
}

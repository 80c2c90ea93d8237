package io.fermata.metrics;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.stereotype.Component;

/** Which build this process is. */
@Component
final class BuildMetrics {
  private static final String NAME = "fermata_build_info";

  BuildMetrics(PrometheusRegistry registry, ObjectProvider<BuildProperties> build) {
    BuildProperties known = build.getIfAvailable();
    String version = word(known == null ? null : known.getVersion());
    String revision = word(known == null ? null : known.get("revision"));
    String java = String.valueOf(Runtime.version().feature());
    new Instruments(registry)
        .read(
            new Gauges(readings -> readings.put(NAME, 1, version, revision, java))
                .gauge(NAME, "The build that runs.", "version", "revision", "java"));
  }

  private static String word(@Nullable String known) {
    return Objects.requireNonNullElse(known, "unknown");
  }
}

/**
 * What Prometheus is told of the migrations. {@link io.fermata.migration.metrics.MigrationMetrics}
 * looks on at the loop: what happens often is counted as it happens, what takes thought is read
 * from the records of a migration when it has ended and no guest waits any more, and gauges are
 * computed by the thread that scrapes.
 *
 * <p>The rule this package must never break: nothing that is counted here may change, delay or end
 * what the loop does.
 *
 * <p>What the design's table names and no feature of today can feed is not exported: see the
 * decisions.
 */
@NullMarked
package io.fermata.migration.metrics;

import org.jspecify.annotations.NullMarked;

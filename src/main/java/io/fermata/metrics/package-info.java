/**
 * What a Prometheus server sees: the shapes of this program's metrics, and none of their meaning.
 *
 * <p>Central type: {@link io.fermata.metrics.Instruments}, which makes counters and histograms with
 * the bucket sets of {@link io.fermata.metrics.Buckets}; {@link io.fermata.metrics.Gauges} are read
 * at the moment of a scrape. Each room counts its own things with them, at its shell: the loops,
 * the threads, the API. All names begin with {@code fermata_}; durations are seconds, sizes bytes.
 *
 * <p>The rule this room must never break: no id in a label, except in the {@code _info} series,
 * whose number is capped. Every other label value is a word of an enum or a name of the inventory.
 */
@NullMarked
package io.fermata.metrics;

import org.jspecify.annotations.NullMarked;

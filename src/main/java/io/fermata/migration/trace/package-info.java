/**
 * Migrations as OpenTelemetry traces: one for each attempt, a span for each phase and for each hop
 * of each device, told to a collector over OTLP/HTTP where {@code fermata.tracing.endpoint} names
 * one. {@link io.fermata.migration.trace.Tracing} looks on at the loop; spans are made from
 * records, never while that guest is dark.
 *
 * <p>The rule this package must never break: nothing waits for the collector. What does not fit
 * into the queue, or is not taken after a few attempts, is counted and dropped.
 */
@NullMarked
package io.fermata.migration.trace;

import org.jspecify.annotations.NullMarked;

/**
 * Grafana's dashboards: one table of panels, the JSON made from it, and a test that asks a real
 * Prometheus every panel's question.
 */
@NullMarked
package io.fermata.dashboards;

import org.jspecify.annotations.NullMarked;

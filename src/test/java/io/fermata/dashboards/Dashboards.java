package io.fermata.dashboards;

import static io.fermata.dashboards.Panel.heatmap;
import static io.fermata.dashboards.Panel.lines;
import static io.fermata.dashboards.Panel.number;
import static io.fermata.dashboards.Panel.quantiles;
import static io.fermata.dashboards.Panel.stack;
import static io.fermata.dashboards.Panel.table;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Every dashboard. After a change, {@link #main} writes the files of the chart anew; a test holds
 * them against this table.
 */
final class Dashboards {
  static final Path FOLDER = Path.of("helm/fermata/files/dashboards");
  private static final Map<String, String> NONE = Map.of();

  private Dashboards() {}

  static List<Dashboard> all() {
    return List.of(overview(), blackout(), devices(), hosts(), queue(), controlPlane());
  }

  private static Dashboard overview() {
    return new Dashboard(
        "overview",
        "Overview",
        "",
        NONE,
        List.of(
            number("Agents by state", "none", "sum by (state) (fermata_agents{})", "{{state}}"),
            number("Guests dark now", "none", "sum(fermata_blackout_active{})", "dark"),
            stack(
                "Migrations by phase",
                "none",
                "sum by (phase) (fermata_migrations{})",
                "{{phase}}"),
            stack(
                "Ended per hour",
                "none",
                "sum by (outcome) (increase(fermata_migrations_finished_total{}[1h]))",
                "{{outcome}}"),
            quantiles("Guest blackout", "fermata_guest_blackout_seconds"),
            lines(
                "Oldest in its phase over that phase's deadline",
                "percentunit",
                "max by (phase) (fermata_oldest_in_phase_seconds{})"
                    + " / max by (phase) (fermata_phase_deadline_seconds{} > 0)",
                "{{phase}}"),
            lines(
                "What must stay at zero",
                "none",
                "sum by (rule) (fermata_barrier_violations_total{})",
                "barrier {{rule}}",
                "sum(fermata_ownership_conflicts_total{})",
                "ownership conflicts",
                "sum(fermata_agent_lost_in_blackout_total{})",
                "agents lost in a blackout"),
            table(
                "Migrations",
                "max by (migration, vm, source, destination, phase, outcome)"
                    + " (fermata_migration_info{})",
                "{{migration}}")));
  }

  private static Dashboard blackout() {
    return new Dashboard(
        "blackout",
        "Blackout and barrier",
        "",
        NONE,
        List.of(
            heatmap("Guest blackout", "s", "fermata_guest_blackout_seconds"),
            stack(
                "Parts of the blackout, mean",
                "s",
                "sum by (part) (rate(fermata_blackout_part_seconds_sum{}[$__rate_interval]))"
                    + " / sum by (part) (rate(fermata_blackout_part_seconds_count{}"
                    + "[$__rate_interval]))",
                "{{part}}"),
            quantiles("Gates", "fermata_barrier_seconds", "gate"),
            quantiles("First to last arrival at a gate", "fermata_barrier_skew_seconds", "gate"),
            lines(
                "Who came last",
                "none",
                "sum by (gate, driver) (increase(fermata_barrier_stragglers_total{}[1h]))",
                "{{gate}} {{driver}}"),
            heatmap("Blackout over budget", "none", "fermata_blackout_budget_ratio"),
            quantiles("Blackout over estimate", "fermata_blackout_estimate_ratio", "basis"),
            lines(
                "Over budget",
                "none",
                "sum by (action) (increase(fermata_blackout_budget_exceeded_total{}[1h]))",
                "{{action}}",
                "max(fermata_blackout_overrun_seconds{})",
                "worst now, seconds"),
            quantiles("Device blackout", "fermata_device_blackout_seconds"),
            quantiles("Walking back", "fermata_rollback_seconds")));
  }

  private static Dashboard devices() {
    return new Dashboard(
        "devices",
        "Devices",
        "driver=~\"$driver\"",
        Map.of("driver", "fermata_devices"),
        List.of(
            stack(
                "Devices by state", "none", "sum by (state) (fermata_devices{} > 0)", "{{state}}"),
            lines(
                "Hops, 99th percentile",
                "s",
                Panel.quantile("0.99", "fermata_device_transition_seconds", "from", "to", "driver"),
                "{{driver}} {{from}} to {{to}}"),
            lines(
                "Failed hops",
                "none",
                "sum by (driver, from, to, errno)"
                    + " (increase(fermata_device_transition_failures_total{}[1h]))",
                "{{driver}} {{from}} to {{to}}: {{errno}}"),
            lines(
                "Resets",
                "none",
                "sum by (driver, reason) (increase(fermata_device_resets_total{}[1h]))",
                "{{driver}} {{reason}}"),
            heatmap("Size of the state", "bytes", "fermata_device_state_bytes"),
            table(
                "Devices in ERROR",
                "sum by (driver) (fermata_devices{state=\"error\"})",
                "{{driver}}")));
  }

  private static Dashboard hosts() {
    return new Dashboard(
        "hosts",
        "Hosts and links",
        "",
        Map.of("host", "fermata_agent_info"),
        List.of(
            lines(
                "Since the agent was seen",
                "s",
                "time() - max by (host)"
                    + " (fermata_agent_last_seen_timestamp_seconds{host=~\"$host\"})",
                "{{host}}"),
            table(
                "Versions",
                "count by (version) (fermata_agent_info{host=~\"$host\"})",
                "{{version}}"),
            lines(
                "Calls of agents that failed",
                "percentunit",
                "sum by (method)"
                    + " (rate(fermata_agent_rpcs_total{outcome!=\"ok\"}[$__rate_interval]))"
                    + " / sum by (method) (rate(fermata_agent_rpcs_total{}[$__rate_interval]) > 0)",
                "{{method}}"),
            quantiles("Calls of agents", "fermata_agent_rpc_seconds", "method"),
            lines(
                "Device state sent",
                "Bps",
                "sum by (stage) (rate(fermata_transfer_bytes_total{}[$__rate_interval]))",
                "{{stage}}"),
            lines(
                "Pre-copy: worst remaining",
                "bytes",
                "max(fermata_precopy_remaining_bytes{})",
                "bytes",
                "max(fermata_precopy_stalled_seconds{})",
                "stalled, seconds"),
            lines(
                "Refused by agents: stale owners and receipts",
                "none",
                "sum by (reason) (increase(fermata_agent_fence_rejections_total{}[1h]))",
                "{{reason}}")));
  }

  private static Dashboard queue() {
    return new Dashboard(
        "queue",
        "Queue and drains",
        "",
        NONE,
        List.of(
            stack("Waiting", "none", "sum by (priority) (fermata_queue_depth{})", "{{priority}}"),
            lines(
                "Waiting longest",
                "s",
                "max by (priority) (fermata_queue_oldest_age_seconds{})",
                "{{priority}}"),
            lines(
                "Slots in use over limit",
                "percentunit",
                "sum by (scope) (fermata_concurrency_in_use{})"
                    + " / max by (scope) (fermata_concurrency_limit{} > 0)",
                "{{scope}}"),
            quantiles("Time in the queue", "fermata_queue_wait_seconds", "priority"),
            stack("Drains", "none", "max by (phase) (fermata_drains{})", "{{phase}}"),
            stack(
                "Machines of drained hosts",
                "none",
                "max by (state) (fermata_drain_vms{})",
                "{{state}}"),
            lines(
                "In the way of a drain for longest",
                "s",
                "max(fermata_drain_oldest_blocked_seconds{})",
                "blocked"),
            lines(
                "Refused requests",
                "none",
                "sum by (code) (increase(fermata_rejections_total{}[1h]))",
                "{{code}}"),
            table(
                "Prechecks by result",
                "sum by (check, result) (increase(fermata_prechecks_total{}[1h]))",
                "{{check}} {{result}}")));
  }

  private static Dashboard controlPlane() {
    return new Dashboard(
        "control-plane",
        "Control plane",
        "",
        NONE,
        List.of(
            lines(
                "Take-overs and conflicts",
                "none",
                "sum by (cause) (increase(fermata_takeovers_total{}[1h]))",
                "taken over, {{cause}}",
                "sum by (cause) (increase(fermata_ownership_conflicts_total{}[1h]))",
                "conflict, {{cause}}"),
            lines(
                "Recoveries",
                "none",
                "sum by (action) (increase(fermata_recoveries_total{}[1h]))",
                "{{action}}",
                "max(fermata_recovery_in_progress_seconds{})",
                "in progress, seconds"),
            quantiles("Journal appends", "fermata_journal_append_seconds"),
            lines(
                "Journal writes that failed",
                "none",
                "sum(increase(fermata_journal_failures_total{}[1h]))",
                "failed"),
            lines(
                "Requests",
                "reqps",
                "sum by (uri, status) (rate(http_server_requests_seconds_count{}"
                    + "[$__rate_interval]))",
                "{{status}} {{uri}}"),
            lines(
                "Streams",
                "none",
                "sum by (kind) (fermata_stream_clients{})",
                "{{kind}}",
                "sum by (reason) (increase(fermata_stream_dropped_total{}[1h]))",
                "dropped, {{reason}}"),
            lines(
                "Audit",
                "none",
                "sum by (decision) (increase(fermata_audit_records_total{}[1h]))",
                "{{decision}}",
                "sum(fermata_audit_write_failures_total{})",
                "not written"),
            lines(
                "Collector pauses: a pause is blackout",
                "s",
                "max by (instance) (jvm_gc_pause_seconds_max{})",
                "{{instance}}")));
  }

  /** Writes the files anew. */
  public static void main(String[] arguments) throws IOException {
    Files.createDirectories(FOLDER);
    for (Dashboard dashboard : all()) {
      Files.writeString(FOLDER.resolve(dashboard.file() + ".json"), dashboard.json());
    }
  }
}

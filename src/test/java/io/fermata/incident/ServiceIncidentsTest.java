package io.fermata.incident;

import static io.fermata.incident.Runbook.MITIGATION;
import static io.fermata.incident.Runbook.PROOF;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can befall the service around its migrations: its journal, its agents, its queue. */
class ServiceIncidentsTest {
  private static final String PAUSED = "{\"state\":\"paused\",\"reason\":\"OPS-9\"}";
  private static final String OPEN = "{\"state\":\"open\",\"reason\":\"OPS-9\"}";
  private static final int MORE_THAN_ARE_NAMED = 201;
  private static final int SERVER_ERROR = 500;
  private static final int NO_CONTENT = 204;

  @TempDir private static Path folder;
  private static Field field;
  private static HttpServer receiver;
  private static volatile int receiverSays = SERVER_ERROR;

  @BeforeAll
  static void everythingRuns() throws IOException {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(receiverSays, -1);
          exchange.close();
        });
    receiver.start();
    field =
        new Field(
            folder,
            List.of(
                "paused", "down", "silent", "journal", "audit", "many", "starved", "late", "slow"),
            "--fermata.migration.deadlines.preparing=1s",
            "--fermata.migration.deadlines.rolling-back=1s",
            "--fermata.webhooks.allow=" + hook(),
            "--fermata.webhooks.retry-first=100ms",
            "--fermata.webhooks.retry-max=200ms",
            "--fermata.webhooks.give-up=1s");
  }

  @AfterAll
  static void allStops() {
    field.close();
    receiver.stop(0);
  }

  private static String hook() {
    return "http://127.0.0.1:" + receiver.getAddress().getPort();
  }

  private static OnCall wokenBy(String alert) {
    return OnCall.wokenBy(alert).knows(field.variables("host-a", "host-b"));
  }

  private static SlowDisk slowDisk() {
    return new SlowDisk(field.journal());
  }

  @Test
  void admissionPausedLong() {
    field.put("/admission", PAUSED);
    String m = field.order("paused", "");
    wokenBy("FermataAdmissionPausedLong")
        .sees("reason: OPS-9")
        .sees("paused +host-a→host-b")
        .follows("^fermata_admission_paused 0\\.0$");
    assertEquals("CANCELLED", field.ended(m));
  }

  @Test
  void agentDown() {
    field.kill("host-b");
    field.awaitMetric("^fermata_agents\\{state=\"lost\"} 1");
    wokenBy("FermataAgentDown")
        .knows(field.variables("host-b", "host-c"))
        .sees("host-b +LOST")
        .mayFail("$A/")
        .byHandBefore(PROOF, 1, () -> startAgain("host-b"))
        .follows("host-b +READY");
  }

  private static void startAgain(String host) {
    field.start(host);
    field.awaitMetric("^fermata_agents\\{state=\"ready\"} 3");
  }

  @Test
  void agentRpcErrorRatioHigh() {
    field.put("/admission", PAUSED);
    String m = field.order("silent", "");
    field.kill("host-b");
    field.awaitMetric("^fermata_agent_rpcs_total.*outcome=\"unreachable\".* [1-9]");
    wokenBy("FermataAgentRpcErrorRatioHigh")
        .knows(field.variables("host-b", "host-c"))
        .knows("M", m)
        .sees("^fermata_agent_rpcs_total.*outcome=\"unreachable\".* [1-9]")
        .mayFail("$A/")
        .byHandBefore(PROOF, 1, () -> startAgain("host-b"))
        .follows("every call is answered");
    field.put("/admission", OPEN);
    assertEquals("CANCELLED", field.ended(m));
  }

  @Test
  void journalFailing() {
    String m = field.order("journal", "");
    field.ended(m);
    try (var disk = slowDisk()) {
      disk.full();
      field.attempt("POST", "/migrations", "{\"vm\":\"journal\",\"source\":\"host-b\"}");
      field.awaitMetric("^fermata_journal_failures_total [1-9]");
      wokenBy("FermataJournalFailing")
          .knows(field.variables("host-b", "host-a"))
          .knows("VM", "journal")
          .sees("^fermata_journal_failures_total [1-9]")
          .byHandBefore(PROOF, 1, disk::mended)
          .follows("the journal takes what it is given[\\s\\S]*would start[\\s\\S]*MIGRATI");
    }
  }

  @Test
  void auditWriteFailing() {
    field.put("/admission", PAUSED);
    String m = field.order("audit", "");
    try (var disk = slowDisk()) {
      disk.full();
      assertEquals(503, field.attempt("PUT", "/admission", OPEN));
      wokenBy("FermataAuditWriteFailing")
          .knows("M", m)
          .sees("^fermata_audit_write_failures_total [1-9]")
          .byHandBefore(PROOF, 1, disk::mended)
          .follows("records are written[\\s\\S]*abort[\\s\\S]*intact");
    }
    field.put("/admission", OPEN);
    assertEquals("CANCELLED", field.ended(m));
  }

  @Test
  void journalSlow() {
    try (var disk = slowDisk()) {
      disk.slow();
      for (int i = 0; i < 10; i++) {
        field.put("/admission", OPEN);
      }
      wokenBy("FermataJournalSlow")
          .sees("^fermata_journal_append_seconds_bucket")
          .byHandBefore(PROOF, 1, disk::mended)
          .follows("[1-9]\\d* appends, 0 of them slow");
    }
  }

  @Test
  void phaseDeadlineMissed() {
    field.inject(
        "host-b",
        field.gpu("late"),
        "\"kind\":\"HANG\",\"to\":\"RUNNING_P2P\",\"occurrence\":1,\"errno\":0,\"after\":0");
    String m = field.order("late", "");
    field.awaitPhase(m, "PREPARING");
    try (var disk = slowDisk()) {
      disk.full();
      field.awaitMetric("^fermata_oldest_in_phase_seconds.phase=\"rolling_back\"} [1-9]");
      field.release("host-b", field.gpu("late"));
      wokenBy("FermataPhaseDeadlineMissed")
          .knows("M", m)
          .sees("ROLLING_BACK")
          .byHandBefore(MITIGATION, 1, disk::mended)
          .mayFail("abort")
          .byHandBefore(PROOF, 1, () -> field.ended(m))
          .follows("rolling_back oldest 0.0 deadline 1.0 in time");
    }
  }

  @Test
  void queueStarved() {
    field.put("/admission", PAUSED);
    wokenBy("FermataQueueStarved")
        .knows("M", field.order("starved", ""))
        .sees("1 +\\w+ +starved +host-a→host-b")
        .byHandBefore(PROOF, 1, () -> field.put("/admission", OPEN))
        .follows("DONE SUCCEEDED[\\s\\S]*^fermata_queue_oldest_age_seconds.* 0\\.0$");
  }

  @Test
  void infoSeriesTruncated() {
    field.put("/admission", PAUSED);
    String m = "";
    for (int i = 0; i < MORE_THAN_ARE_NAMED; i++) {
      m = field.order("many", "");
    }
    field.awaitMetric("^fermata_info_series_dropped [1-9]");
    wokenBy("FermataInfoSeriesTruncated")
        .knows("M", m)
        .sees("^fermata_info_series_dropped [1-9]")
        .byHandBefore(PROOF, 1, () -> field.awaitMetric("^fermata_info_series_dropped 0"))
        .follows("^fermata_info_series_dropped 0\\.0$");
    field.put("/admission", OPEN);
  }

  @Test
  void webhookBacklog() {
    String s =
        field
            .post(
                "/subscriptions",
                "{\"url\":\"" + hook() + "/events\",\"secret\":\"a-secret-that-is-long-enough\"}")
            .get("id")
            .asString();
    field.put("/admission", OPEN);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> field.get("/subscriptions/" + s).toString().contains("500"));
    wokenBy("FermataWebhookBacklog")
        .knows("S", s)
        .sees("^fermata_webhook_deliveries_total.outcome=\"failed\". [1-9]")
        .sees("failing .*answered 500")
        .byHandBefore(MITIGATION, 1, () -> receiverSays = NO_CONTENT)
        .byHandBefore(
            PROOF, 1, () -> field.awaitMetric("^fermata_webhook_oldest_undelivered_seconds 0\\.0$"))
        .follows("^fermata_webhook_oldest_undelivered_seconds 0\\.0$");
    field.delete("/subscriptions/" + s);
  }

  @Test
  void targetAbsent() {
    field.kill("orchestrator");
    wokenBy("FermataTargetAbsent")
        .mayFail("$P/")
        .mayFail("grep '^fermata_owned_migrations'")
        .mayFail("$F/help")
        .byHandBefore(PROOF, 1, () -> field.start("orchestrator"))
        .follows("^fermata_owned_migrations \\d");
  }

  @Test
  void recoverySlow() {
    String m = field.endless("slow");
    field.kill("orchestrator");
    try (var disk = slowDisk()) {
      disk.full();
      field.start("orchestrator");
      field.awaitMetric("^fermata_recovery_in_progress_seconds [1-9]");
      wokenBy("FermataRecoverySlow")
          .knows("M", m)
          .sees("^fermata_recovery_in_progress_seconds [1-9]")
          .byHandBefore(
              PROOF,
              1,
              () -> {
                disk.mended();
                field.awaitMetric("^fermata_recovery_in_progress_seconds 0\\.0$");
              })
          .follows("^fermata_recovery_in_progress_seconds 0\\.0$");
    }
    field.ended(m);
  }
}

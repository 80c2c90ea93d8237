package io.fermata.incident;

import static io.fermata.incident.Runbook.MITIGATION;
import static io.fermata.incident.Runbook.PROOF;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can befall a migration and its guest. */
class MovingIncidentsTest {
  private static final String REFUSED_LOAD =
      "\"kind\":\"REFUSED\",\"from\":\"RESUMING\",\"to\":\"STOP\",\"occurrence\":1,\"errno\":22,"
          + "\"after\":0";
  private static final String NO_PRECOPY = "\"preCopy\":{\"enabled\":false}";
  private static final int BURNT = 10;

  @TempDir private static Path folder;
  private static Field field;
  private static LyingAgent liar;

  @BeforeAll
  static void everythingRuns() {
    field =
        new Field(
            folder,
            List.of(
                "overrun",
                "lost",
                "quiesce",
                "rollback",
                "precopy",
                "precopy2",
                "load",
                "failing",
                "burn",
                "parked",
                "breach",
                "error",
                "drift"),
            MovingIncidentsTest::liarBefore,
            "--fermata.migration.deadlines.resuming=3s",
            "--fermata.migration.deadlines.rolling-back=20s",
            "--fermata.migration.deadlines.quiescing=30s",
            "--fermata.migration.deadlines.freezing=30s");
  }

  /** The first that is asked for is the one of {@code host-a}. */
  private static String liarBefore(String agent) {
    if (liar == null) {
      liar = new LyingAgent(agent);
      return liar.url();
    }
    return agent;
  }

  @AfterAll
  static void allStops() {
    field.close();
    liar.close();
  }

  private static String hang(String from, String to) {
    return "\"kind\":\"HANG\",\"from\":\"%s\",\"to\":\"%s\",\"occurrence\":1,\"errno\":0,"
        .concat("\"after\":0")
        .formatted(from, to);
  }

  private static OnCall wokenBy(String alert, String vm, String m) {
    return OnCall.wokenBy(alert)
        .knows(field.variables("host-a", "host-b"))
        .knows("VM", vm)
        .knows("M", m);
  }

  private static void homeAgain(String vm) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            field
                .get("/hosts/host-a/devices")
                .get("items")
                .valueStream()
                .filter(device -> vm.equals(device.path("vm").asString("")))
                .allMatch(device -> device.get("state").asString().equals("RUNNING")));
  }

  @Test
  void blackoutOverrun() {
    field.inject("host-a", field.gpu("overrun"), hang("RUNNING_P2P", "STOP"));
    String m =
        field.order(
            "overrun", NO_PRECOPY + ",\"blackoutBudgetMs\":50,\"onBudgetExceeded\":\"continue\"");
    field.awaitPhase(m, "FREEZING");
    field.awaitMetric("^fermata_blackout_overrun_seconds (?!0\\.0$)");
    wokenBy("FermataBlackoutOverrun", "overrun", m)
        .sees("^fermata_blackout_overrun_seconds (?!0\\.0$)")
        .sees("over budget")
        .byHandBefore(MITIGATION, 3, () -> field.release("host-a", field.gpu("overrun")))
        .follows("^fermata_blackout_overrun_seconds 0\\.0$");
    assertEquals("ROLLED_BACK", field.ended(m));
  }

  @Test
  void agentLostDuringBlackout() {
    field.inject("host-b", field.gpu("lost"), hang("RESUMING", "STOP"));
    String m = field.order("lost", "");
    field.awaitPhase(m, "COPYING");
    field.kill("host-b");
    field.awaitMetric("^fermata_agents_lost_in_blackout 1");
    wokenBy("FermataAgentLostDuringBlackout", "lost", m)
        .sees("host-b .*LOST")
        .byHandBefore(PROOF, 1, () -> field.start("host-b"))
        .follows("^fermata_agents_lost_in_blackout 0\\.0$");
    assertEquals("ROLLED_BACK", field.ended(m));
  }

  @Test
  void quiesceStuck() {
    field.inject("host-a", field.gpu("quiesce"), hang("RUNNING", "RUNNING_P2P"));
    String m = field.order("quiesce", NO_PRECOPY);
    field.awaitPhase(m, "QUIESCING");
    field.awaitExplanation(m, field.gpu("quiesce") + " RUNNING to RUNNING_P2P");
    wokenBy("FermataQuiesceStuck", "quiesce", m)
        .sees(field.gpu("quiesce") + " RUNNING to RUNNING_P2P")
        .byHandBefore(PROOF, 1, () -> field.release("host-a", field.gpu("quiesce")))
        .follows("DONE ROLLED_BACK");
    homeAgain("quiesce");
  }

  @Test
  void rollbackStuck() {
    field.inject("host-a", field.nic("rollback"), hang("STOP", "RUNNING_P2P"));
    field.inject("host-b", field.gpu("rollback"), REFUSED_LOAD);
    String m = field.order("rollback", "");
    field.awaitExplanation(m, field.nic("rollback") + " STOP to RUNNING_P2P");
    wokenBy("FermataRollbackStuck", "rollback", m)
        .sees("ROLLING_BACK")
        .sees(field.nic("rollback") + " STOP to RUNNING_P2P")
        .byHandBefore(PROOF, 1, () -> field.release("host-a", field.nic("rollback")))
        .follows("DONE ROLLED_BACK");
    homeAgain("rollback");
  }

  @Test
  void precopyNotConverging() {
    String m = field.endless("precopy");
    String other = field.endless("precopy2");
    wokenBy("FermataPrecopyNotConverging", "precopy", m)
        .sees("PRECOPYING")
        .sees("PRE_COPY ")
        .triesOn(MITIGATION, 2, other)
        .follows("^fermata_oldest_in_phase_seconds.phase=\"precopying\". 0\\.0$");
    assertEquals("SUCCEEDED", field.ended(m));
  }

  @Test
  void destinationLoadFailing() {
    String last = "";
    for (int i = 0; i < 2; i++) {
      field.inject("host-b", field.gpu("load"), REFUSED_LOAD);
      last = field.order("load", "");
      assertEquals("ROLLED_BACK", field.ended(last));
      homeAgain("load");
    }
    wokenBy("FermataDestinationLoadFailing", "load", last)
        .knows(field.variables("host-b", "host-c"))
        .sees("^fermata_device_transition_failures_total.*from=\"resuming\".* [2-9]")
        .follows("load +host-a→host-c +DONE SUCCEEDED|load +host-a→host-c +SUCCEEDED");
  }

  @Test
  void failureRatioHigh() {
    String last = "";
    for (int i = 0; i < 5; i++) {
      field.inject("host-b", field.gpu("failing"), REFUSED_LOAD);
      last = field.order("failing", "");
      assertEquals("ROLLED_BACK", field.ended(last));
      homeAgain("failing");
    }
    wokenBy("FermataFailureRatioHigh", "failing", last)
        .knows("TO", "host-c")
        .sees("^fermata_migrations_finished_total.*rolled_back.* [5-9]")
        .follows("failing +host-a→host-c +SUCCEEDED");
  }

  @Test
  void blackoutSloBurn() {
    List<String> ways = List.of("host-a", "host-b");
    String m = "";
    for (int i = 0; i < BURNT; i++) {
      m = field.late("burn", ways.get(i % 2), ways.get((i + 1) % 2));
    }
    wokenBy("FermataBlackoutSloBurn", "burn", m)
        .sees("^fermata_blackout_part_seconds_sum")
        .follows("\"type\": \"WithinBudget\"[^}]*\"status\": \"True\"");
  }

  @Test
  void migrationNeedsOperator() {
    field.inject("host-b", field.gpu("parked"), hang("STOP", "RUNNING_P2P"));
    field.inject("host-b", field.nic("parked"), hang("STOP", "RUNNING_P2P"));
    String m = field.order("parked", "");
    field.awaitPhase(m, "RESUMING");
    field.kill("host-b");
    field.awaitPhase(m, "NEEDS_OPERATOR");
    wokenBy("FermataMigrationNeedsOperator", "parked", m)
        .knows("KEEP", "source")
        .sees("NEEDS_OPERATOR")
        .sees("host-b .*LOST")
        .follows("DONE RESOLVED");
    homeAgain("parked");
    field.start("host-b");
  }

  @Test
  void barrierInvariantViolated() {
    liar.lies();
    String m = field.order("breach", NO_PRECOPY);
    assertEquals("SUCCEEDED", field.ended(m));
    wokenBy("FermataBarrierInvariantViolated", "breach", m)
        .knows(field.variables("host-b", "host-a"))
        .sees("^fermata_barrier_violations_total.rule=\"froze_before_quiet\". [1-9]")
        .sees("BREACH")
        .byHandBefore(MITIGATION, 2, liar::replaced)
        .follows("SUCCEEDED[\\s\\S]*no breach since");
  }

  @Test
  void deviceError() {
    String gpu = field.gpu("error");
    field.inject(
        "host-a",
        gpu,
        "\"kind\":\"ERROR\",\"to\":\"RUNNING_P2P\",\"occurrence\":1,\"errno\":5,\"after\":0");
    String m = field.order("error", NO_PRECOPY);
    field.awaitPhase(m, "NEEDS_OPERATOR");
    field.awaitText(field.api() + "/devices?state=error&o=text", gpu); // the alert is slower still
    wokenBy("FermataDeviceError", "error", m).sees(gpu + ".* ERROR").follows("^0 devices");
  }

  @Test
  void estimatorDrifting() {
    List<String> ways = List.of("host-a", "host-b");
    String m = "";
    for (int i = 0; i < BURNT; i++) {
      field.inject(
          ways.get(i % 2),
          field.gpu("drift"),
          hang("PRE_COPY_P2P", "STOP_COPY") + ",\"duration\":\"PT0.3S\"");
      m = field.late("drift", ways.get(i % 2), ways.get((i + 1) % 2));
    }
    wokenBy("FermataEstimatorDrifting", "drift", m)
        .sees("^fermata_blackout_estimate_ratio_count.* [1-9]")
        .sees("basis (history|device)")
        .follows("\"outcome\": \"SUCCEEDED\"[\\s\\S]*\"ratio\": [0-9]");
  }
}

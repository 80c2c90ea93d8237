package io.fermata.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceName;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.ClaimSpec.DevicePair;
import io.fermata.handover.message.Remembered;
import io.fermata.migration.Recovery.Finding;
import io.fermata.migration.Recovery.Host;
import io.fermata.migration.Recovery.State;
import io.fermata.migration.Recovery.Verdict;
import io.fermata.migration.Recovery.View;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A journal that was restored, as callers see it. */
class RecoveryTest {
  private static final HostName A = new HostName("host-a");
  private static final HostName B = new HostName("host-b");

  private final ApiServer api = ApiServer.fresh();

  static View quarantine(String silent) {
    var claim =
        new Remembered(
            new MigrationId("mig0"),
            Side.SOURCE,
            new Epoch(3, "gone"),
            Standing.OPEN,
            "vm-1",
            List.of(new DevicePair(new DeviceName("gpu0"), new DeviceName("gpu0"))),
            A,
            B,
            new Stop("slate", 1),
            List.of("Sealed"));
    var finding =
        new Finding(
            Verdict.UNKNOWN_TO_US,
            "the journal has no such migration",
            List.of(claim),
            null,
            null,
            0);
    var hosts = List.of(new Host(A, null, 1, 1), new Host(B, silent, 0, 0));
    return new View(State.QUARANTINE, 42, FakeMigrations.T0, hosts, List.of(finding));
  }

  @Test
  void itIsShownPerHostAndSet() {
    api.recovery.put(quarantine(null));
    JsonNode shown = ApiServer.json(api.get("/recovery"));
    assertEquals("quarantine", shown.get("state").asString());
    JsonNode found = shown.get("migrations").get(0);
    assertEquals("unknown-to-us", found.get("verdict").asString());
    assertEquals(3, found.get("agents").get(0).get("epoch").asLong());
    assertEquals("Sealed", found.get("agents").get(0).get("receipts").get(0).asString());
    assertTrue(found.get("journal").isNull());
    String text = api.get("/recovery?o=text").body();
    assertTrue(text.lines().allMatch(line -> line.length() <= 100), text);
    assertTrue(text.contains("next: curl -X POST \"$F/recovery/accept?dryRun=true"), text);
  }

  @Test
  void inQuarantineNothingIsTakenAndEverythingIsShown() {
    api.recovery.put(quarantine(null));
    for (String path : List.of("/migrations", "/migrations/abcd/abort", "/migrations/-/abort")) {
      BadInputTest.problem(503, "RECOVERY_QUARANTINE", api.post(path, MigrationsTest.START));
    }
    BadInputTest.problem(
        503, "RECOVERY_QUARANTINE", api.post("/hosts/host-a/devices/gpu0/reset", "{}"));
    assertEquals(200, api.get("/migrations").statusCode());
    assertEquals(200, api.get("/hosts").statusCode());
    api.recovery.clear();
    assertEquals(202, api.post("/migrations", MigrationsTest.START).statusCode());
  }

  @Test
  void acceptingTakesADryRunItsVersionAndItsWord() {
    api.recovery.put(quarantine(null));
    var shown = api.post("/recovery/accept?dryRun=true", "{\"reason\":\"OPS-7\"}");
    assertEquals(200, shown.statusCode(), shown.body());
    assertEquals("\"42\"", shown.headers().firstValue("ETag").orElseThrow());
    String word = ApiServer.json(shown).get("confirm").asString();
    String body = "{\"reason\":\"OPS-7\",\"confirm\":\"" + word + "\"}";
    BadInputTest.problem(428, "VERSION_REQUIRED", api.post("/recovery/accept", body));
    BadInputTest.problem(
        422, "UNCONFIRMED", api.post("/recovery/accept", body, "If-Match", "\"41\""));
    String other =
        "{\"reason\":\"OPS-7\",\"confirm\":\"" + word + "\",\"withoutUnreachable\":true}";
    BadInputTest.problem(
        422, "UNCONFIRMED", api.post("/recovery/accept", other, "If-Match", "\"42\""));
    assertTrue(api.recovery.accepted.isEmpty());
    HttpResponse<String> done = api.post("/recovery/accept", body, "If-Match", "\"42\"");
    assertEquals(200, done.statusCode(), done.body());
    assertEquals(1, ApiServer.json(done).get("imported").asInt());
    var accepted = api.recovery.accepted.getFirst();
    assertEquals("OPS-7", accepted.reason());
    assertFalse(accepted.withoutSilent());
    BadInputTest.problem(
        409, "NOT_QUARANTINED", api.post("/recovery/accept?dryRun=true", "{\"reason\":\"OPS-7\"}"));
  }

  @Test
  void withoutAHostItIsAcceptedOnlyWhenThatIsSaid() {
    api.recovery.put(quarantine("no answer in time"));
    JsonNode problem =
        BadInputTest.problem(
            409,
            "HOSTS_SILENT",
            api.post("/recovery/accept?dryRun=true", "{\"reason\":\"OPS-7\"}"));
    assertEquals("host-b", problem.get("host").asString());
    var shown =
        api.post(
            "/recovery/accept?dryRun=true", "{\"reason\":\"OPS-7\",\"withoutUnreachable\":true}");
    assertEquals(200, shown.statusCode(), shown.body());
  }
}

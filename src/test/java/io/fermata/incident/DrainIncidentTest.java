package io.fermata.incident;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host that does not get empty. */
class DrainIncidentTest {
  private static final String REASON = "{\"reason\":\"OPS-9\"}";

  @TempDir private static Path folder;
  private static Field field;

  @BeforeAll
  static void everythingRuns() {
    field =
        new Field(
            folder,
            List.of("one", "two"),
            "--fermata.drains.tick=100ms",
            "--fermata.drains.settle=2s");
  }

  @AfterAll
  static void allStops() {
    field.close();
  }

  @Test
  void drainBlocked() {
    field.post("/hosts/host-b/cordon", REASON);
    field.post("/hosts/host-c/cordon", REASON);
    String d = field.post("/drains", "{\"host\":\"host-a\"}").get("id").asString();
    field.awaitMetric("^fermata_drain_oldest_blocked_seconds [1-9]");
    OnCall.wokenBy("FermataDrainBlocked")
        .knows(field.variables("host-a", "host-b"))
        .knows("D", d)
        .sees("in the way: one .*NO_DESTINATION: host-b takes no new machines")
        .sees("^fermata_drain_vms.state=\"blocked\". 2")
        .sees("safeToPowerOff: false")
        .follows(
            "DRAINED since[\\s\\S]*safeToPowerOff: true"
                + "[\\s\\S]*^fermata_drain_oldest_blocked_seconds 0\\.0$");
  }
}

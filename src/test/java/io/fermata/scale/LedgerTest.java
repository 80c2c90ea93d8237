package io.fermata.scale;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fermata.chaos.process.DeviceLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The judges of the queue see what they are there to see. */
class LedgerTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final List<JsonNode> events = new ArrayList<>();

  private void born(String id, String source, String destination, String priority) {
    event(
        id,
        "submitted",
        "{\"source\":\"%s\",\"destination\":\"%s\",\"priority\":\"%s\"}"
            .formatted(source, destination, priority));
  }

  private void moved(String id, String from, String to, String outcome) {
    event(
        id, "moved", "{\"from\":\"%s\",\"to\":\"%s\",\"outcome\":%s}".formatted(from, to, outcome));
  }

  private void event(String id, String type, String data) {
    events.add(
        JSON.readTree(
            "{\"subject\":\"%s\",\"type\":\"migration.%s\",\"data\":%s}"
                .formatted(id, type, data)));
  }

  @Test
  void placesAreCountedFromTheStartToTheEnd() {
    born("m1", "a", "b", "user");
    born("m2", "a", "c", "user");
    born("m3", "d", "c", "user");
    moved("m1", "QUEUED", "CHECKING", "null");
    moved("m2", "QUEUED", "CHECKING", "null");
    moved("m1", "CLEANING", "DONE", "\"SUCCEEDED\"");
    moved("m3", "QUEUED", "CHECKING", "null");

    Ledger ledger = Ledger.of(events);
    assertEquals(2, ledger.most("cluster"));
    assertEquals(2, ledger.most("source"));
    assertEquals(2, ledger.most("destination"));
    assertEquals(1, ledger.most("pair"));
    assertEquals(Map.of("m1", "SUCCEEDED"), ledger.outcomes());
  }

  @Test
  void darkIsWhoeverWentDarkAndIsNotBack() {
    for (String id : List.of("m1", "m2", "m3")) {
      born(id, "a", "b", "user");
      event(id, "went-dark", "{}");
    }
    event("m1", "came-back", "{}");
    event("m2", "came-back", "{}");
    born("m4", "a", "b", "user");
    event("m4", "went-dark", "{}");

    assertEquals(3, Ledger.of(events).most("dark"));
  }

  @Test
  void whoeverIsOvertakenByAnEqualIsNamed() {
    born("m1", "a", "b", "user");
    born("m2", "a", "b", "user");
    born("m3", "a", "b", "emergency");
    for (String id : List.of("m3", "m2", "m1")) {
      moved(id, "QUEUED", "CHECKING", "null");
    }

    List<String> overtaken = Ledger.of(events).overtaken(QueueRun.RANKS);
    assertEquals(List.of("m1 was overtaken by m2 from a→b"), overtaken);
  }

  @Test
  void aGuestIsDarkUntilTheLastOfItsDevicesRuns() {
    List<DeviceLine> lines =
        List.of(
            line("a", "u0", "vm-1", "BEGAN", "RUNNING", "RUNNING_P2P"),
            line("a", "u1", "vm-1", "BEGAN", "RUNNING", "RUNNING_P2P"),
            line("b", "f0", "vm-1", "MOVED", "RUNNING_P2P", "RUNNING"),
            line("c", "u0", "vm-2", "BEGAN", "RUNNING", "RUNNING_P2P"),
            line("b", "f1", "vm-1", "MOVED", "RUNNING_P2P", "RUNNING"),
            line("d", "u0", "vm-3", "BEGAN", "RUNNING", "RUNNING_P2P"));

    assertEquals(2, DarkGuests.most(lines));
    assertEquals(1, DarkGuests.most(lines.subList(0, 3)));
  }

  private static DeviceLine line(
      String host, String device, String guest, String kind, String from, String to) {
    return new DeviceLine(1, host, kind, device, from, to, guest, 1);
  }
}

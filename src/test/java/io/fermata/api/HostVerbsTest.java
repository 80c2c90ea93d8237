package io.fermata.api;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceState;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.Resets;
import io.fermata.handover.ResetRule;
import io.fermata.migration.Phase;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What operators may do to hosts and devices, and what they have to show for it. */
class HostVerbsTest {
  private static final Pattern CONFIRM = Pattern.compile("confirm=(\\w+)");
  private static final Pattern TAG = Pattern.compile("If-Match: \"(\\d+)\"");

  private final ApiServer api = ApiServer.fresh();

  @Test
  void aCordonKeepsNewOnesAwayUntilItIsTakenBack() {
    assertEquals(422, api.post("/hosts/host-b/cordon", "{}").statusCode(), "without a reason");
    var cordoned = ApiServer.json(api.post("/hosts/host-b/cordon", "{\"reason\":\"OPS-1\"}"));
    assertFalse(cordoned.path("schedulable").asBoolean());
    assertEquals("OPS-1", cordoned.path("cordon").path("reason").asString());
    assertTrue(api.get("/hosts/host-b?o=text").body().contains("OPS-1"));
    var plan = api.post("/plans", MigrationsTest.START);
    assertTrue(plan.body().contains("host-b is cordoned"), plan.body());
    var back = ApiServer.json(api.post("/hosts/host-b/uncordon", "{\"reason\":\"done\"}"));
    assertTrue(back.path("schedulable").asBoolean());
    assertEquals(404, api.post("/hosts/nowhere/cordon", "{\"reason\":\"x\"}").statusCode());
  }

  @Test
  void aQuarantineTakesTheDryRunsWordAndVersionAndGivesUpWhatIsNotDark() {
    ExampleState.put(api, Json.read("\"PRECOPYING\""));
    String path = "/hosts/host-a/quarantine";
    assertEquals(422, api.post(path, "{\"reason\":\"x\"}").statusCode(), "without a word");
    String shown = api.post(path + "?dryRun=true&o=text", "{\"reason\":\"x\"}").body();
    assertTrue(shown.contains("PRECOPYING: would"), shown);
    assertEquals("READY", agent(), "a dry run does nothing");
    String confirm = found(CONFIRM, shown);
    String body = "{\"reason\":\"x\",\"confirm\":\"" + confirm + "\"}";
    assertEquals(428, api.post(path, body).statusCode(), "without a version");
    assertEquals(422, match(path, body, "7").statusCode(), "another version");
    assertEquals(422, match("/hosts/host-b/quarantine", body, "0").statusCode(), "another host");
    HttpResponse<String> done = match(path, body, found(TAG, shown));
    assertEquals(200, done.statusCode(), done.body());
    assertEquals("QUARANTINED", agent());
    assertTrue(
        api.migrations.calls.stream().anyMatch(call -> call.startsWith("abort exam0000")),
        "what had not gone dark is given up");
    assertEquals(422, match(path, body, "1").statusCode(), "a word is good once");
    assertEquals(200, api.post("/hosts/host-a/unquarantine", "{\"reason\":\"x\"}").statusCode());
    assertEquals("READY", agent());
  }

  @Test
  void whatIsInTheDarkIsLeftToItsEnd() {
    for (Phase dark : List.of(Phase.QUIESCING, Phase.COPYING, Phase.RESUMING)) {
      ExampleState.put(api, Json.read("\"" + dark + "\""));
      String shown =
          api.post("/hosts/host-a/quarantine?dryRun=true&o=text", "{\"reason\":\"x\"}").body();
      assertTrue(shown.contains("0 migrations"), shown);
    }
  }

  @Test
  void aDeviceOfNobodyIsResetForAReason() {
    String path = "/hosts/host-b/devices/gpu0/reset";
    assertEquals(422, api.post(path, "{}").statusCode());
    String shown = api.post(path + "?dryRun=true&o=text", "{\"reason\":\"x\"}").body();
    assertTrue(shown.contains("is nobody's"), shown);
    assertEquals(List.of(), api.fleet.resets, "a dry run does nothing");
    var done = ApiServer.json(api.post(path, "{\"reason\":\"x\"}"));
    assertEquals("RUNNING", done.path("after").asString());
    assertEquals(List.of("host-b gpu0 false"), api.fleet.resets);
    assertEquals(
        404, api.post("/hosts/host-b/devices/no0/reset", "{\"reason\":\"x\"}").statusCode());
  }

  @Test
  void aGuestsDeviceTakesItsOwnersRiskAndTheDryRun() {
    String path = "/hosts/host-a/devices/gpu0/reset";
    var refused = api.post(path, "{\"reason\":\"x\"}");
    assertEquals(409, refused.statusCode());
    assertTrue(refused.body().contains("GUEST_IMPACT"), refused.body());
    String risk = "{\"reason\":\"x\",\"allowGuestImpact\":true";
    assertEquals(422, api.post(path, risk + "}").statusCode(), "without a word");
    String shown = api.post(path + "?dryRun=true&o=text", risk + "}").body();
    String body = risk + ",\"confirm\":\"" + found(CONFIRM, shown) + "\"}";
    assertEquals(428, api.post(path, body).statusCode(), "without a version");
    assertEquals(422, match(path, body, "1").statusCode(), "another version");
    assertEquals(List.of(), api.fleet.resets);

    // The device is another one than was shown: its state has changed.
    api.fleet.devices("host-a", devices -> devices.stream().map(HostVerbsTest::spoilt).toList());
    assertEquals(422, match(path, body, found(TAG, shown)).statusCode());
    assertEquals(List.of(), api.fleet.resets);

    shown = api.post(path + "?dryRun=true&o=text", risk + "}").body();
    body = risk + ",\"confirm\":\"" + found(CONFIRM, shown) + "\"}";
    assertEquals(200, match(path, body, found(TAG, shown)).statusCode());
    assertEquals(List.of("host-a gpu0 true"), api.fleet.resets);
  }

  @Test
  void whatTheAgentHasAgainstItIsTold() {
    var against = new ResetRule.Objection(ResetRule.Code.BARRIER, "its sibling nic0 is in STOP");
    api.fleet.nextReset = new Resets.Outcome(DeviceState.ERROR, DeviceState.ERROR, against);
    var refused = api.post("/hosts/host-b/devices/gpu0/reset", "{\"reason\":\"x\"}");
    api.fleet.nextReset = new Resets.Outcome(DeviceState.ERROR, DeviceState.RUNNING, null);
    assertEquals(409, refused.statusCode());
    var problem = ApiServer.json(refused);
    assertEquals("RESET_REFUSED", problem.path("code").asString());
    assertEquals("gpu0", problem.path("device").asString());
    assertTrue(problem.path("detail").asString().contains("nic0 is in STOP"));
  }

  @Test
  void aHostIsEnteredChangedAndRetired() {
    String entry = "{\"agent\":\"https://host-d:8090\",\"reason\":\"OPS-9\"}";
    HttpResponse<String> entered = put("/hosts/host-d", entry, null);
    assertEquals(200, entered.statusCode(), entered.body());
    assertEquals(200, api.get("/hosts/host-d").statusCode());
    assertEquals(List.of("host-d"), api.fleet.refreshed, "its agent is asked at once");
    assertEquals(428, put("/hosts/host-d", entry, null).statusCode(), "it is there already");
    assertEquals(412, put("/hosts/host-d", entry, "7").statusCode());
    assertEquals(200, put("/hosts/host-d", entry, "1").statusCode());
    assertEquals(422, delete("/hosts/host-d", "2").statusCode(), "without a reason");
    assertEquals(428, delete("/hosts/host-d?reason=x", null).statusCode());
    assertEquals(412, delete("/hosts/host-d?reason=x", "1").statusCode());
    assertEquals(200, delete("/hosts/host-d?reason=x", "2").statusCode());
    assertEquals(404, api.get("/hosts/host-d").statusCode());
    assertEquals(404, delete("/hosts/host-d?reason=x", "3").statusCode());
  }

  @Test
  void anEntryIsAnAddressAndNothingMore() {
    for (String address :
        List.of(
            "host-d:8090",
            "file:///etc/passwd",
            "http://me:secret@host-d:8090",
            "http://host-d:8090/agent",
            "http://host-d:8090?x=y",
            "http://host-d:8090#x",
            "http://")) {
      String entry = "{\"agent\":\"" + address + "\",\"reason\":\"x\"}";
      assertEquals(422, put("/hosts/host-d", entry, null).statusCode(), address);
    }
    String labels = "{\"agent\":\"http://d:1\",\"reason\":\"x\",\"labels\":{\"a b\":\"c\"}}";
    assertEquals(422, put("/hosts/host-d", labels, null).statusCode());
    String many =
        IntStream.range(0, 51).mapToObj(i -> "\"l" + i + "\":\"v\"").collect(joining(","));
    String crowded = "{\"agent\":\"http://d:1\",\"reason\":\"x\",\"labels\":{" + many + "}}";
    assertEquals(422, put("/hosts/host-d", crowded, null).statusCode());
    String good = "{\"agent\":\"http://d:1\",\"reason\":\"x\"}";
    api.fleet.objection = "no https";
    HttpResponse<String> clear = put("/hosts/host-d", good, null);
    api.fleet.objection = null;
    assertEquals(422, clear.statusCode());
    assertTrue(clear.body().contains("no https"), clear.body());
    assertEquals(422, put("/hosts/-d", good, null).statusCode());
    assertEquals(404, api.get("/hosts/host-d").statusCode());
  }

  @Test
  void whatIsInUseStaysAsItIs() {
    String other = "{\"agent\":\"http://elsewhere:1\",\"reason\":\"x\"}";
    HttpResponse<String> owned = delete("/hosts/host-b?reason=x", "0");
    assertEquals(409, owned.statusCode());
    assertTrue(owned.body().contains("vm-9 has its device busy0"), owned.body());
    assertEquals(409, put("/hosts/host-b", other, "0").statusCode());
    String same = "{\"agent\":\"http://host-b:8090\",\"schedulable\":false,\"reason\":\"x\"}";
    assertEquals(200, put("/hosts/host-b", same, "0").statusCode(), "the agent stays the same");

    api.fleet.devices("host-b", devices -> List.of());
    ExampleState.put(api, Json.read("\"PRECOPYING\""));
    api.fleet.devices("host-b", devices -> List.of());
    HttpResponse<String> named = delete("/hosts/host-b?reason=x", "0");
    assertEquals(409, named.statusCode());
    assertTrue(named.body().contains("migration exam0000 names it"), named.body());
    api.migrations.clear();
    assertEquals(200, delete("/hosts/host-b?reason=x", "0").statusCode());
  }

  private HttpResponse<String> put(String path, String body, String version) {
    var request = api.request(path).header("Content-Type", "application/json");
    return api.send(tagged(request, version).PUT(BodyPublishers.ofString(body)));
  }

  private HttpResponse<String> delete(String path, String version) {
    return api.send(tagged(api.request(path), version).DELETE());
  }

  private static HttpRequest.Builder tagged(HttpRequest.Builder request, String version) {
    return version == null ? request : request.header("If-Match", "\"" + version + "\"");
  }

  private static DeviceView spoilt(DeviceView d) {
    return new DeviceView(
        d.host(),
        d.name(),
        d.backend(),
        d.driver(),
        d.model(),
        d.capabilities(),
        DeviceState.ERROR,
        d.stateSeenMillis(),
        d.vm(),
        d.claim(),
        d.dataBytes(),
        d.unavailable());
  }

  private String agent() {
    return ApiServer.json(api.get("/hosts/host-a")).path("agent").path("state").asString();
  }

  private HttpResponse<String> match(String path, String body, String version) {
    return api.send(
        api.request(path)
            .header("Content-Type", "application/json")
            .header("If-Match", "\"" + version + "\"")
            .POST(BodyPublishers.ofString(body)));
  }

  private static String found(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    assertTrue(matcher.find(), text);
    return matcher.group(1);
  }
}

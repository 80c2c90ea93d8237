package io.fermata.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.device.Hop;
import io.fermata.fleet.HostView;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.HopReport;
import io.fermata.migration.Gate;
import io.fermata.migration.Live;
import io.fermata.migration.Migration;
import io.fermata.migration.Migrations.Submission;
import io.fermata.migration.Note;
import io.fermata.migration.Order;
import io.fermata.migration.Phase;
import io.fermata.migration.Trigger;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** What a person reads: at most 100 columns, and at the end what to run next. */
class TextFormTest {

  /** What is a file for a program. */
  private static final Set<String> BINARY =
      Set.of("/api/v1/openapi.yaml", "/api/v1/migrations/{m}/bundle");

  private final ApiServer api = ApiServer.fresh();
  private final long dark = api.context.getBean(InstantSource.class).millis() - 610;

  @Test
  void everyGetHasATextForm() {
    api.migrations.put(inTheBarrier());
    api.migrations.happened("mig70000", "migration.phase", "{\"to\":\"COPYING\"}");
    Set<String> seen = new TreeSet<>();
    for (RequestMappingInfo mapping : mappings()) {
      String path = mapping.getPatternValues().iterator().next();
      boolean get = mapping.getMethodsCondition().getMethods().contains(RequestMethod.GET);
      boolean stream =
          mapping.getParamsCondition().toString().contains("follow")
              && !mapping.getParamsCondition().toString().contains("!follow");
      boolean sse = mapping.getProducesCondition().toString().contains("event-stream");
      if (get && !stream && !sse && path.startsWith("/api/v1") && !BINARY.contains(path)) {
        String real =
            path.replace("{m}", "mig7")
                .replace("{h}", "host-a")
                .replace("{s}", ExampleState.subscription(api))
                .replace("/drains/{d}", "/drains/" + ExampleState.drain(api))
                .replace("{alert}", "FermataAgentDown");
        readable(api.get(real.substring("/api/v1".length()) + "?o=text"), real);
        seen.add(path);
      }
    }
    // Which ones there are is the business of the API's description.
    assertTrue(seen.size() > 12, seen::toString);
  }

  @Test
  void longNamesDoNotMakeLongLines() {
    String host = "h" + "o".repeat(62);
    HostName name = new HostName(host);
    HostView view =
        FakeFleet.host(
            name, List.of(FakeFleet.device(name, "g".repeat(64), "v".repeat(128), FakeFleet.ALL)));
    api.fleet.put(view);
    Order order =
        new Order(
            "v".repeat(128),
            name,
            new HostName("host-b"),
            List.of(new Order.Pair(new DeviceName("g".repeat(64)), new DeviceName("gpu0"))),
            new Order.PreCopyTerms(true, 1, 1),
            123_456,
            Order.OnBudgetExceeded.ABORT,
            "r".repeat(500),
            "user");
    var submission = new Submission(order, "actor", "api", 1, null, null);
    api.migrations.put(FakeMigrations.fresh("mig70000", submission));
    for (String path :
        List.of(
            "/migrations",
            "/migrations/mig7",
            "/migrations/mig7/explain",
            "/migrations/mig7/timeline",
            "/hosts",
            "/hosts/" + host,
            "/devices")) {
      readable(api.get(path, "Accept", "text/plain"), path);
    }
  }

  @Test
  void mutationsAndPlansHaveATextFormToo() {
    api.fleet.devices("host-a", all -> all.subList(0, 2));
    String form = "vm=vm-1&source=host-a&destination=host-b&blackoutBudgetMs=100";
    readable(api.form("/plans?o=text", form), "plan");
    readable(api.form("/migrations?dryRun=true&o=text", form), "dry run");
    HttpResponse<String> started = api.form("/migrations?o=text", form);
    assertEquals(202, started.statusCode());
    readable(started, "start");
  }

  @Test
  void aTimelineShowsBothGatesInTwoScales() {
    api.migrations.put(inTheBarrier());
    String text = api.get("/migrations/mig7/timeline?o=text").body();
    assertTrue(text.contains("GATE 1 quiesced → GATE 2 frozen"), text);
    assertTrue(text.contains("gpu0  |qqqqq"), text);
    assertTrue(text.contains("ssss|####"), text);
    assertTrue(text.contains("q=88 LAST"), text);
    assertTrue(text.contains("QUIESCED at 91 ms"), text);
    assertTrue(text.contains("clock uncertainty: source ±0.5 ms"), text);
    var json = ApiServer.json(api.get("/migrations/mig7/timeline"));
    var spans = json.get("lanes").get(0).get("spans");
    assertEquals("QUIESCE", spans.get(0).get("kind").stringValue());
    assertEquals(1.0, spans.get(0).get("startMs").doubleValue(), 0.01);
    assertEquals("COPY", spans.get(3).get("kind").stringValue());
  }

  @Test
  void anExplanationNamesTheDeviceThatIsBehind() {
    api.migrations.put(inTheBarrier());
    String text = api.get("/migrations/mig7/explain?o=text").body();
    assertTrue(text.contains("mig7 is in COPYING"), text);
    assertTrue(text.contains("waiting: device late\n    host-a nic0 STOP to STOP_COPY\n"), text);
    assertTrue(text.contains("nic0 (nic-driver) in STOP, asked for STOP_COPY"), text);
    assertTrue(text.contains("abort -d reason="), text);
  }

  /** In COPYING since a while: quiesced after 91 ms, frozen after 110 ms. */
  Live inTheBarrier() {
    Order order =
        new Order(
            "vm-1",
            new HostName("host-a"),
            new HostName("host-b"),
            List.of(pair("gpu0", "gpu0"), pair("nic0", "nic3")),
            new Order.PreCopyTerms(false, 1, 1),
            850,
            Order.OnBudgetExceeded.ABORT,
            null,
            "user");
    var submission = new Submission(order, "me", "api", 1, null, null);
    Migration migration =
        FakeMigrations.fresh("mig70000", submission)
            .with(List.of(new Note.WentDark()), dark)
            .with(
                List.of(
                    gate(Gate.Name.QUIESCED, 91, "gpu0"),
                    gate(Gate.Name.FROZEN, 110, "gpu0"),
                    new Note.Moved(Phase.FREEZING, Phase.COPYING, Trigger.FROZEN, null)),
                dark + 110);
    var hops =
        List.of(
            hop("gpu0", DeviceState.RUNNING, DeviceState.RUNNING_P2P, 1, 89),
            hop("nic0", DeviceState.RUNNING, DeviceState.RUNNING_P2P, 1, 9),
            hop("gpu0", DeviceState.RUNNING_P2P, DeviceState.STOP, 91, 110),
            hop("nic0", DeviceState.RUNNING_P2P, DeviceState.STOP, 91, 93),
            hop("gpu0", DeviceState.STOP, DeviceState.STOP_COPY, 110, 110));
    var clock = new Live.ClockMapping(dark * 1_000_000L, 500_000);
    var side = new Live.SideView(report(hops), dark + 110, "copy", dark + 111, null, hops, clock);
    return new Live(
        migration, side, null, List.of("1 of 2 devices to enter STOP_COPY"), dark + 5000, null);
  }

  private static ClaimReport report(List<HopReport> hops) {
    return new ClaimReport(
        new MigrationId("mig70000"),
        Side.SOURCE,
        1,
        new Epoch(1, "o1"),
        ClaimReport.Standing.OPEN,
        Goal.COPYING,
        ClaimReport.Progress.MOVING,
        ClaimReport.GuestState.PAUSED,
        null,
        List.of(),
        List.of(
            device("gpu0", DeviceState.STOP_COPY, null, 32_000_000),
            device("nic0", DeviceState.STOP, DeviceState.STOP_COPY, 0)),
        hops,
        hops.size());
  }

  private static ClaimReport.DeviceReport device(
      String name, DeviceState state, DeviceState heading, long moved) {
    return new ClaimReport.DeviceReport(
        new DeviceName(name), state, heading, 110, null, moved, null);
  }

  private Note gate(Gate.Name name, long at, String last) {
    return new Note.GateOpened(
        new Gate(name, dark + at, at * 1_000_000, at * 900_000, 80_000_000, last));
  }

  private static HopReport hop(
      String device, DeviceState from, DeviceState to, long startMs, long endMs) {
    return new HopReport(
        new DeviceName(device),
        new Hop(from, to),
        HopReport.Outcome.DONE,
        to,
        null,
        startMs * 1_000_000,
        endMs * 1_000_000);
  }

  private static Order.Pair pair(String source, String destination) {
    return new Order.Pair(new DeviceName(source), new DeviceName(destination));
  }

  private List<RequestMappingInfo> mappings() {
    return new ArrayList<>(
        api.context
            .getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
            .getHandlerMethods()
            .keySet());
  }

  private static void readable(HttpResponse<String> response, String what) {
    assertTrue(response.statusCode() < 300, () -> what + ": " + response.body());
    assertTrue(
        response.headers().firstValue("Content-Type").orElse("").startsWith("text/plain"), what);
    List<String> lines = response.body().lines().toList();
    assertTrue(lines.getLast().startsWith("next: "), () -> what + ":\n" + response.body());
    for (String line : lines) {
      assertTrue(
          line.codePointCount(0, line.length()) <= 100, () -> what + ":\n" + response.body());
    }
  }
}

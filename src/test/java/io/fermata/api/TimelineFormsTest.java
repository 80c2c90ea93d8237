package io.fermata.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import io.fermata.handover.message.HopReport;
import io.fermata.migration.Live;
import java.io.StringReader;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;

/** The timeline as a picture, as a trace, and with the pair that broke the barrier. */
class TimelineFormsTest {
  private static final String PATH = "/migrations/mig7/timeline";

  private final TextFormTest story = new TextFormTest();
  private final ApiServer api = ApiServer.fresh();

  @Test
  void thePictureIsWellFormedAndLoadsNothing() throws Exception {
    api.migrations.put(withNastyError(story.inTheBarrier()));
    var response = api.get(PATH + "?o=svg");
    assertEquals("image/svg+xml;charset=UTF-8", header(response, "Content-Type"));
    assertEquals("default-src 'none'", header(response, "Content-Security-Policy"));
    String svg = response.body();
    var document =
        DocumentBuilderFactory.newDefaultInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)));
    NodeList all = document.getElementsByTagName("*");
    for (int i = 0; i < all.getLength(); i++) {
      String name = all.item(i).getNodeName();
      assertTrue(List.of("svg", "rect", "text", "title", "line").contains(name), name);
      var attributes = all.item(i).getAttributes();
      for (int j = 0; j < attributes.getLength(); j++) {
        String attribute = attributes.item(j).getNodeName();
        assertFalse(attribute.startsWith("on") || attribute.contains("href"), attribute);
        assertFalse(attribute.equals("style"), attribute);
      }
    }
    assertTrue(svg.contains("&lt;script&gt;"), svg);
    assertTrue(svg.contains("QUIESCED"), svg);
  }

  @Test
  void theTraceHasASpanForEachHopOnItsDevicesThreadAndEachGate() {
    Live live = story.inTheBarrier();
    api.migrations.put(live);
    JsonNode trace = ApiServer.json(api.get(PATH + "?o=trace"));
    List<JsonNode> events = trace.get("traceEvents").valueStream().toList();
    List<JsonNode> spans = events.stream().filter(e -> e.get("ph").asString().equals("X")).toList();
    // The hops and one copy.
    assertEquals(live.source().hops().size() + 1, spans.size());
    for (JsonNode span : spans) {
      assertTrue(span.get("ts").asDouble() >= 0 && span.get("dur").asDouble() >= 0, span::toString);
      assertEquals(1, span.get("pid").asInt());
    }
    long gpu = spans.stream().filter(s -> s.get("tid").asInt() == 1).count();
    assertEquals(4, gpu);
    assertEquals(2, events.stream().filter(e -> e.get("ph").asString().equals("i")).count());
    JsonNode quiesce = spans.getFirst();
    assertEquals("RUNNING→RUNNING_P2P", quiesce.get("args").get("hop").asString());
    assertEquals(88_000, quiesce.get("dur").asDouble(), 1);
  }

  @Test
  void thePairThatBrokeTheBarrierIsMarkedAndTheWideFormHasEveryHop() {
    String clean = api.migrations.put(story.inTheBarrier()) == null ? "" : text("wide");
    assertFalse(clean.contains("BREACH"), clean);
    assertTrue(clean.contains("RUNNING_P2P→STOP DONE"), clean);
    assertFalse(text("text").contains("RUNNING_P2P→STOP DONE"));

    api.migrations.put(withBreach(story.inTheBarrier()));
    String broken = text("wide");
    assertTrue(broken.contains("BREACH FROZE_BEFORE_QUIET at 50 ms on the source: nic0"), broken);
    assertTrue(broken.contains("\n!gpu0"), broken);
    assertTrue(broken.contains("\n !nic0"), broken);
    JsonNode json = ApiServer.json(api.get(PATH));
    assertEquals("gpu0", json.get("breaches").get(0).get("other").asString());
    assertTrue(api.get(PATH + "?o=svg").body().contains("#c00000"));
    for (String line : broken.lines().toList()) {
      assertTrue(line.codePointCount(0, line.length()) <= 100, broken);
    }
  }

  @Test
  void aFormThatIsNotThereIsRefused() {
    api.migrations.put(story.inTheBarrier());
    assertEquals(406, api.get(PATH + "?o=png").statusCode());
    assertEquals(406, api.get("/hosts?o=svg").statusCode());
    assertTrue(api.get("/hosts?o=wide").body().contains("next: "));
  }

  @Test
  void whoeverComesToTheBareAddressIsShownTheCookbook() {
    var response = api.send(HttpRequest.newBuilder(api.at("/")).header("Accept", "text/html,*/*"));
    assertEquals(302, response.statusCode());
    assertEquals("/api/v1/help", header(response, "Location"));
    var help =
        api.send(HttpRequest.newBuilder(api.at("/api/v1/help")).header("Accept", "text/html,*/*"));
    assertTrue(header(help, "Content-Type").startsWith("text/plain"));
  }

  private String text(String form) {
    return api.get(PATH + "?o=" + form).body();
  }

  private static String header(java.net.http.HttpResponse<String> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  private static Live withNastyError(Live live) {
    var hop =
        new HopReport(
            new DeviceName("nic0"),
            new Hop(DeviceState.STOP, DeviceState.STOP_COPY),
            HopReport.Outcome.REFUSED,
            DeviceState.STOP,
            "<script>\u0007alert(\"1\")</script>",
            120_000_000,
            130_000_000);
    return with(live, hop);
  }

  private static Live withBreach(Live live) {
    var early =
        new HopReport(
            new DeviceName("nic0"),
            new Hop(DeviceState.RUNNING_P2P, DeviceState.STOP),
            HopReport.Outcome.DONE,
            DeviceState.STOP,
            null,
            50_000_000,
            60_000_000);
    return with(live, early);
  }

  private static Live with(Live live, HopReport more) {
    var side = live.source();
    List<HopReport> hops = new ArrayList<>(side.hops());
    hops.add(more);
    var changed =
        new Live.SideView(
            side.report(),
            side.seenMillis(),
            side.askedFor(),
            side.askedMillis(),
            side.trouble(),
            hops,
            side.clock());
    return new Live(live.migration(), changed, null, live.waiting(), live.deadlineMillis(), null);
  }
}

package io.fermata.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fermata.journal.Change;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.NewEntry;
import io.fermata.metrics.Instruments;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What subscribers get, how often, and where nothing is sent. */
class WebhooksTest {
  private static final String SECRET = "a-secret-of-the-caller";

  private record Got(JsonNode event, String body, String signature, String type) {}

  private final MemoryJournal journal =
      new MemoryJournal(InstantSource.system(), Duration.ofDays(1));
  private final List<Got> got = new CopyOnWriteArrayList<>();
  private volatile int status = 204;
  private HttpServer receiver;
  private String origin;
  private Webhooks webhooks;

  @BeforeEach
  void aReceiver() throws IOException {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext("/", this::take);
    receiver.start();
    origin = "http://127.0.0.1:" + receiver.getAddress().getPort();
    webhooks = open(Duration.ofHours(1));
  }

  private Webhooks open(Duration giveUp) {
    var settings =
        new WebhookSettings(
            List.of(origin, "http://localhost:" + receiver.getAddress().getPort()),
            "urn:here",
            7,
            Duration.ofSeconds(5),
            Duration.ofMillis(10),
            Duration.ofMillis(20),
            giveUp,
            3,
            5);
    var opened =
        new Webhooks(
            settings,
            journal,
            InstantSource.system(),
            RandomGenerator.getDefault(),
            new Instruments(new PrometheusRegistry()));
    opened.start();
    return opened;
  }

  @AfterEach
  void stop() {
    webhooks.close();
    receiver.stop(0);
  }

  private void take(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    var headers = exchange.getRequestHeaders();
    if (status < 300) {
      got.add(
          new Got(
              new JsonMapper().readTree(body),
              new String(body, UTF_8),
              headers.getFirst(Signature.HEADER),
              headers.getFirst("Content-Type")));
    }
    exchange.getResponseHeaders().set("Location", "/elsewhere");
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  private void happens(String type, String data) {
    journal.append(Change.of(new NewEntry(type, "mig1", "ann", data))).join();
  }

  @Test
  void eventsComeInOrderAsSignedCloudEventsWithoutSecretsAndOnceOverARestart() throws Exception {
    happens("migration.submitted", "{}");
    Subscription made = webhooks.subscribe(origin + "/hook?x=1", List.of(), SECRET, "ann");
    happens("migration.moved", "{\"to\":\"FREEZING\",\"in\":[{\"token\":\"hush\"}]}");
    happens("migration.moved", "{\"to\":\"NEEDS_OPERATOR\"}");
    happens("migration.failed", "{\"failure\":{\"code\":\"BUDGET_EXCEEDED\"}}");
    await().until(() -> got.size() == 3);
    assertEquals(
        List.of(
            "io.fermata.migration.phase.changed",
            "io.fermata.needs-operator",
            "io.fermata.budget.exceeded"),
        got.stream().map(g -> g.event().get("type").asString()).toList());
    Got first = got.getFirst();
    assertEquals("application/cloudevents+json", first.type());
    assertEquals("1.0", first.event().get("specversion").asString());
    assertEquals("7-2", first.event().get("id").asString());
    assertEquals("2", first.event().get("sequence").asString());
    assertEquals("urn:here", first.event().get("source").asString());
    assertEquals("mig1", first.event().get("subject").asString());
    assertFalse(first.body().contains("hush"));
    assertTrue(first.signature().endsWith(",v1=" + mac(SECRET, first)), first.signature());
    await().until(() -> webhooks.show(made.id()).orElseThrow().standing().cursor() == 4);

    webhooks.close();
    webhooks = open(Duration.ofHours(1));
    happens("migration.went-dark", "{}");
    await().until(() -> got.size() >= 4);
    assertEquals("7-5", got.get(3).event().get("id").asString());
  }

  private static String mac(String secret, Got got) throws Exception {
    String time = got.signature().substring(2, got.signature().indexOf(','));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
    mac.update((time + ".").getBytes(UTF_8));
    return HexFormat.of().formatHex(mac.doFinal(got.body().getBytes(UTF_8)));
  }

  @Test
  void whatIsNotTakenIsTriedAgainInOrderAndARedirectIsNotFollowed() {
    status = 302;
    Subscription made = webhooks.subscribe(origin + "/", List.of(), null, "ann");
    happens("migration.went-dark", "{}");
    happens("migration.came-back", "{}");
    await().until(() -> webhooks.show(made.id()).orElseThrow().standing().failures() > 2);
    assertEquals("answered 302", webhooks.show(made.id()).orElseThrow().standing().error());
    assertEquals(List.of(), got);
    status = 200;
    await().until(() -> got.size() == 2);
    assertEquals("io.fermata.blackout.started", got.getFirst().event().get("type").asString());
    await().until(() -> webhooks.show(made.id()).orElseThrow().standing().delivered() == 2);
    assertNull(webhooks.show(made.id()).orElseThrow().standing().error());
  }

  @Test
  void whatIsNeverTakenIsADeadLetterThatCanBeSentOnceMore() {
    webhooks.close();
    webhooks = open(Duration.ofMillis(30));
    status = 500;
    Subscription made =
        webhooks.subscribe(origin + "/", List.of("io.fermata.blackout"), null, "ann");
    happens("migration.gate-opened", "{}");
    happens("migration.went-dark", "{}");
    await().until(() -> webhooks.show(made.id()).orElseThrow().dead().size() == 1);
    DeadLetter letter = webhooks.show(made.id()).orElseThrow().dead().getFirst();
    assertEquals(2, letter.seq());
    assertEquals("answered 500", letter.error());
    assertEquals(0, webhooks.revive(made.id()));
    status = 200;
    assertEquals(1, webhooks.revive(made.id()));
    assertEquals(List.of(), webhooks.show(made.id()).orElseThrow().dead());
    assertEquals("7-2", got.getFirst().event().get("id").asString());
    assertTrue(webhooks.redeliver(made.id(), 0));
    await().until(() -> got.size() == 2);
    assertTrue(webhooks.end(made.id()));
    assertEquals(List.of(), webhooks.list());
    assertFalse(webhooks.end(made.id()));
  }

  @Test
  void aNewSecretStandsBesideTheOldOne() throws Exception {
    Subscription made = webhooks.subscribe(origin + "/", List.of(), SECRET, "ann");
    String fresh = webhooks.rotate(made.id()).orElseThrow().secrets().getFirst();
    happens("migration.went-dark", "{}");
    await().until(() -> got.size() == 1);
    Got first = got.getFirst();
    assertTrue(first.signature().contains(",v1=" + mac(SECRET, first)));
    assertTrue(first.signature().contains(",v1=" + mac(fresh, first)));
    webhooks.rotate(made.id());
    assertEquals(2, webhooks.list().getFirst().subscription().secrets().size());
    assertFalse(webhooks.list().getFirst().subscription().secrets().contains(SECRET));
  }

  @Test
  void nothingIsSentToWhereItMayNot() {
    for (String url :
        List.of(
            "http://127.0.0.1:1/",
            "https://127.0.0.1/",
            "http://evil.example/",
            "ftp://127.0.0.1/",
            origin.replace("http://", "http://user@"),
            "http:///x",
            "no address")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> webhooks.subscribe(url, List.of(), null, "ann"),
          url);
    }
  }

  @Test
  void aNameThatStandsForThisMachineOrItsLinkIsRefusedUnlessThatAddressIsNamed() throws Exception {
    var names = settings("http://localhost:9", "http://169.254.169.254", "http://[::1]:9");
    var egress = new Egress(names);
    assertThrows(
        Delivery.Failed.class,
        () -> new Egress(settings("http://localhost:9")).pinned(URI.create("http://localhost:9/")));
    var metadata = URI.create("http://169.254.169.254/");
    assertEquals("169.254.169.254", egress.pinned(metadata).getHostAddress());
    URI here = URI.create("http://[::1]:9/");
    assertTrue(egress.pinned(here).isLoopbackAddress());
    assertThrows(
        Delivery.Failed.class, () -> new Egress(settings("http://127.0.0.1:9")).pinned(here));
    assertThrows(
        Delivery.Failed.class,
        () -> new Egress(settings("http://hooks.example.com")).pinned(metadata));
    assertTrue(new Egress(settings()).closed());
    assertThrows(IllegalArgumentException.class, () -> settings("hooks.example.com"));
  }

  private static WebhookSettings settings(String... allow) {
    Duration second = Duration.ofSeconds(1);
    return new WebhookSettings(List.of(allow), "urn:here", 1, second, second, second, second, 1, 1);
  }
}

package io.fermata.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.Attestation;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import io.fermata.handover.Testimony;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import io.fermata.wire.AgentStatus;
import io.fermata.wire.Codec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An orchestrator that was taken over: it has a good certificate and says whatever it likes. It may
 * delay; it may not make a second host run the set, nor make the one that has it let go.
 */
class SignedReceiptsTest {
  private static final Codec CODEC = new Codec();
  private static final MigrationId MIGRATION = new MigrationId("m0001");
  private static final HostName A = new HostName("host-a");
  private static final HostName B = new HostName("host-b");

  private static final KeyPair OPERATOR = operator();

  @TempDir private Path folder;
  private SecuredHosts hosts;
  private HttpClient captured;
  private int a;
  private int b;

  @BeforeEach
  void twoHostsAndOneWhoSpeaksForTheOrchestrator() throws IOException {
    hosts = new SecuredHosts(folder);
    Path keys = folder.resolve("operators.pem");
    String key = Base64.getEncoder().encodeToString(OPERATOR.getPublic().getEncoded());
    String pem = "-----BEGIN PUBLIC KEY-----\n" + key + "\n-----END PUBLIC KEY-----\n";
    Files.writeString(keys, pem);
    String operators = "--fermata.identity.operators=" + keys;
    String[] vm = SecuredHosts.ofVm("vm-1");
    a = hosts.agent("host-a", vm[0], vm[1], operators);
    b = hosts.agent("host-b", operators);
    captured = hosts.authority.client(hosts.leaf("orchestrator", "one"));
  }

  @AfterEach
  void end() {
    hosts.close();
  }

  @Test
  void aSealIsBelievedFromTheSourceAloneAndOnlyForItsOwnSet() throws Exception {
    Receipt.Ready ready = untilLoaded("gpu0", "nic0");
    Stop stop = ready.stop();
    var invented = new Receipt.Sealed(MIGRATION, stop, B, ready.images());

    unproven(b, new Request.Start(header(), invented), "unsigned");
    // what the destination itself signed, under another name
    Attestation its = given(ready.attestation());
    unproven(b, new Request.Start(header(), (Receipt.Sealed) invented.attested(its)), "not one of");
    assertTrue(stillAt(b, DeviceState.STOP), "no device of the destination has moved");

    Receipt.Sealed seal = sealed(ready);
    Attestation good = given(seal.attestation());
    var later = new Stop(stop.incarnation(), stop.number() + 1);
    for (Receipt.Sealed changed :
        List.of(
            new Receipt.Sealed(MIGRATION, later, B, seal.images()),
            new Receipt.Sealed(MIGRATION, stop, new HostName("host-c"), seal.images()),
            new Receipt.Sealed(MIGRATION, stop, B, seal.images().subList(0, 1)))) {
      unproven(
          b, new Request.Start(header(), (Receipt.Sealed) changed.attested(good)), "signature");
    }
    assertTrue(metrics(b).contains("rejections_total{reason=\"forged\"} 4.0"), metrics(b));
  }

  @Test
  void aVoidIsBelievedFromTheDestinationAlone() throws Exception {
    Receipt.Ready ready = untilLoaded("gpu0", "nic0");
    Receipt.Sealed seal = sealed(ready);
    var invented = new Receipt.Voided(MIGRATION, seal.stop(), B);

    unproven(a, new Request.Unseal(header(), invented), "unsigned");
    unproven(
        a,
        new Request.Unseal(header(), (Receipt.Voided) invented.attested(seal.attestation())),
        "not one of");
    var started = new Receipt.Started(MIGRATION, seal.stop(), B);
    unproven(
        a,
        new Request.Release(header(), (Receipt.Started) started.attested(ready.attestation())),
        "signature");
    assertTrue(stillAt(a, DeviceState.STOP_COPY), "the source is as frozen as it was");

    // the agents end it among themselves, with receipts that are good
    await().until(() -> stillAt(b, DeviceState.RUNNING) && status(a).claims().isEmpty());
    assertTrue(status(a).devices().stream().allMatch(device -> device.vm() == null));
  }

  @Test
  void aReceiptForAnotherSetIsRefused() throws Exception {
    // The captured orchestrator tells the destination of another pairing.
    Receipt.Ready ready = untilLoaded("nic0", "gpu0");
    unproven(a, new Request.Seal(header(), ready), "another set");
    await().until(() -> stillAt(a, DeviceState.RUNNING));
  }

  @Test
  void anAgentThatIsNotThePeerIsNotHeard() throws Exception {
    Receipt.Ready ready = untilLoaded("gpu0", "nic0");
    HttpClient third = hosts.authority.client(hosts.leaf("agent", "host-c"));
    var settle =
        new PeerMessage.Settle(
            MIGRATION, new Receipt.Sealed(MIGRATION, ready.stop(), B, ready.images()));
    var refused = send(third, b, "peer", CODEC.write(settle));
    assertEquals(403, refused.statusCode());
    assertTrue(new String(refused.body(), UTF_8).contains("has its peer at host-a"));
    assertTrue(stillAt(b, DeviceState.STOP));
  }

  @Test
  void anOperatorsWordIsTheOperatorsAndNotTheOrchestratorsThatBringsIt() throws Exception {
    Receipt.Ready ready = untilLoaded("gpu0", "nic0");
    Testimony invented = new Testimony("root", "BMC-off-1", "burnt", 1);
    unproven(b, new Request.Adopt(header(), ready.stop(), invented), "unsigned");
    unproven(a, new Request.Reclaim(header(), ready.stop(), B, invented), "unsigned");
    unproven(b, new Request.Surrender(header(), ready.stop(), invented), "unsigned");
    var other = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    Testimony forged = word(other, Side.DESTINATION);
    unproven(b, new Request.Adopt(header(), ready.stop(), forged), "no operator known here");
    // a good word, to keep the other side
    Testimony turned = word(OPERATOR, Side.SOURCE);
    unproven(b, new Request.Adopt(header(), ready.stop(), turned), "no operator known here");
    assertTrue(stillAt(b, DeviceState.STOP));
    Testimony good = word(OPERATOR, Side.DESTINATION);
    done(b, new Request.Adopt(header(), ready.stop(), good));
    await().until(() -> stillAt(b, DeviceState.RUNNING));
  }

  private static Testimony word(KeyPair key, Side keep) throws Exception {
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(key.getPrivate());
    signature.update(Testimony.statement(MIGRATION, keep, "BMC-off-1", "burnt").getBytes(UTF_8));
    String signed = Base64.getEncoder().encodeToString(signature.sign());
    return new Testimony("alice", "BMC-off-1", "burnt", 1, signed);
  }

  private static KeyPair operator() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private Receipt.Sealed sealed(Receipt.Ready ready) throws Exception {
    Answer answer = ask(a, new Request.Seal(header(), ready));
    assertNull(answer.refusal(), answer::toString);
    return receipt(answer, Receipt.Sealed.class);
  }

  /** Until the destination has a whole copy; its claim pairs the devices with these. */
  private Receipt.Ready untilLoaded(String gpu, String nic) throws Exception {
    String data = status(b).dataPlane();
    done(a, new Request.ClaimSource(header(), spec(A, B, b, data, "gpu0", "nic0")));
    done(b, new Request.ClaimDestination(header(), spec(B, A, a, data, gpu, nic)));
    Stop stop = done(a, new Request.Quiesce(header())).report().stop();
    done(a, new Request.Freeze(header(), stop));
    done(a, new Request.Copy(header(), stop));
    Answer loaded = done(b, new Request.Load(header()));
    return receipt(loaded, Receipt.Ready.class);
  }

  private static ClaimSpec spec(
      HostName self, HostName peer, int port, String data, String gpu, String nic) {
    return new ClaimSpec(
        "vm-1",
        List.of(pair("gpu0", gpu), pair("nic0", nic)),
        self,
        peer,
        "https://127.0.0.1:" + port,
        data,
        "a-secret",
        3_000);
  }

  private static ClaimSpec.DevicePair pair(String source, String destination) {
    return new ClaimSpec.DevicePair(new DeviceName(source), new DeviceName(destination));
  }

  private static Header header() {
    return new Header(MIGRATION, new Epoch(1, "captured"), 5_000, 0);
  }

  private void unproven(int agent, Request request, String why) throws Exception {
    Answer answer = ask(agent, request);
    assertNotNull(answer.refusal(), () -> request + " was believed");
    assertEquals(Refusal.Code.UNPROVEN_RECEIPT, answer.refusal().code(), answer::toString);
    assertNotNull(answer.report(), "the answer says how things stand");
    String detail = answer.refusal().detail().replace("no signature", "unsigned");
    assertTrue(detail.contains(why), detail);
  }

  private Answer done(int agent, Request request) throws Exception {
    Answer answer = ask(agent, request);
    assertNull(answer.refusal(), answer::toString);
    return answer;
  }

  private Answer ask(int agent, Request request) throws Exception {
    var response = send(captured, agent, "requests/" + Codec.type(request), CODEC.write(request));
    return CODEC.readAnswer(response.body(), Answer.class);
  }

  private AgentStatus status(int agent) throws Exception {
    return CODEC.readAnswer(send(captured, agent, "status", null).body(), AgentStatus.class);
  }

  private boolean stillAt(int agent, DeviceState state) throws Exception {
    return status(agent).devices().stream().allMatch(device -> device.state() == state);
  }

  private String metrics(int agent) throws Exception {
    return hosts.get(captured, "https://127.0.0.1:" + agent + "/actuator/prometheus").body();
  }

  private static HttpResponse<byte[]> send(HttpClient as, int agent, String path, byte[] body)
      throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + agent + "/agent/v1/" + path))
            .header("Fermata-Protocol", "1");
    if (body != null) {
      request.POST(HttpRequest.BodyPublishers.ofByteArray(body));
    }
    return as.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static <T extends Receipt> T receipt(Answer answer, Class<T> type) {
    return answer.report().receipts().stream()
        .filter(type::isInstance)
        .map(type::cast)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " in " + answer));
  }

  private static <T> T given(T value) {
    assertNotNull(value);
    return value;
  }
}

package io.fermata.agent;

import io.fermata.handover.MigrationId;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import io.fermata.wire.AgentStatus;
import io.fermata.wire.Codec;
import io.fermata.wire.DeviceReset;
import io.fermata.wire.Protocol;
import io.fermata.wire.attest.Unproven;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * The agent over HTTP. A request's thread waits until the loop answers; a refusal is 409 with the
 * answer as its body, so that whoever asked also learns how things stand.
 */
@RestController
@Serving
@RequestMapping("/agent/v1")
final class AgentApi {
  /** A reset of a function takes a second or two where it is a slow one. */
  private static final long RESET_MILLIS = 10_000;

  private final HostAgent agent;
  private final Codec codec;
  private final AgentMetrics metrics;
  private final HostInventory inventory;

  AgentApi(HostAgent agent, Codec codec, AgentMetrics metrics, HostInventory inventory) {
    this.inventory = inventory;
    this.agent = agent;
    this.codec = codec;
    this.metrics = metrics;
  }

  @PostMapping("/requests/{type}")
  ResponseEntity<byte[]> request(@PathVariable("type") String type, HttpServletRequest http)
      throws IOException {
    int version = codec.protocol().choose(http.getHeader(Protocol.HEADER));
    Request request = codec.request(type, HttpBody.read(http));
    RequestLimits.check(request);
    TraceLog.asked(type, request, http.getHeader("traceparent"));
    Answer answer;
    try {
      answer = ask(agent.notary().check(request));
    } catch (Unproven e) {
      answer = unproven(request, e);
    }
    Refusal refusal = answer.refusal();
    if (refusal != null) {
      metrics.refused(refusal);
    } else if (request instanceof Request.Renew renew && renew.bytesPerSecond() != null) {
      // Only what the claim has obeyed: a stale orchestrator limits nothing.
      agent.limit(renew.header().migration(), renew.bytesPerSecond());
    }
    HttpStatus status = refusal == null ? HttpStatus.OK : HttpStatus.CONFLICT;
    return json(version, status, agent.notary().sign(answer));
  }

  private Answer ask(Request request) {
    return objection(request)
        .orElseGet(() -> Waits.forReply(agent.ask(request), request.header().awaitMillis()));
  }

  /** As any refusal: nothing has changed, and the answer says how things stand. */
  private Answer unproven(Request request, Unproven why) {
    metrics.unproven(why);
    long received = agent.now();
    MigrationId migration = request.header().migration();
    var report = Waits.forReply(Optional.of(agent.claim(migration)), 0).orElse(null);
    Refusal.Code code = report == null ? Refusal.Code.UNKNOWN_CLAIM : Refusal.Code.UNPROVEN_RECEIPT;
    var refusal = new Refusal(code, agent.host() + " does not believe it: " + why.getMessage());
    return new Answer(refusal, report, agent.identity().process(), received, agent.now());
  }

  /** Of a claim that is not made yet; one that is made answers for itself. */
  private Optional<Answer> objection(Request request) {
    boolean claims =
        request instanceof Request.ClaimSource || request instanceof Request.ClaimDestination;
    MigrationId migration = request.header().migration();
    boolean made = claims && Waits.forReply(Optional.of(agent.claim(migration)), 0).isPresent();
    return claims && !made ? agent.objection(request) : Optional.empty();
  }

  @PostMapping("/peer")
  ResponseEntity<byte[]> peer(HttpServletRequest http) throws IOException {
    int version = codec.protocol().choose(http.getHeader(Protocol.HEADER));
    PeerMessage message = codec.read(HttpBody.read(http), PeerMessage.class);
    if (!agent.notary().knows(message.migration())) {
      var wait = new PeerMessage.Word(message.migration(), null, PeerMessage.Standing.PENDING);
      return json(version, HttpStatus.OK, wait);
    }
    try {
      PeerMessage proven = agent.notary().check(message, AgentGate.caller(http));
      PeerMessage.Word word = Waits.forReply(agent.ask(proven), 0);
      return json(version, HttpStatus.OK, agent.notary().sign(word));
    } catch (Unproven e) {
      metrics.unproven(e);
      throw new NotBelieved(e);
    }
  }

  @GetMapping("/status")
  ResponseEntity<byte[]> status(HttpServletRequest http) {
    return json(version(http), HttpStatus.OK, Waits.forReply(Optional.of(agent.status()), 0));
  }

  @GetMapping("/memory")
  ResponseEntity<byte[]> memory(
      @RequestParam(name = "after", required = false) @Nullable String after,
      HttpServletRequest http) {
    MigrationId from = after == null ? null : HttpBody.migration(after);
    return json(version(http), HttpStatus.OK, Waits.forReply(Optional.of(agent.memory(from)), 0));
  }

  @GetMapping("/devices")
  ResponseEntity<byte[]> devices(
      @RequestParam(name = "o", required = false) @Nullable String as, HttpServletRequest http) {
    AgentStatus status = Waits.forReply(Optional.of(agent.status()), 0);
    List<DeviceListing> all = inventory.of(status);
    return "text".equals(as)
        ? HttpBody.text(ListingTable.of(agent.host(), all))
        : json(version(http), HttpStatus.OK, all);
  }

  /** An operator's word, by way of the orchestrator; 409 with what is against it. */
  @PostMapping("/devices/{device}/reset")
  ResponseEntity<byte[]> reset(@PathVariable("device") String device, HttpServletRequest http)
      throws IOException {
    int version = codec.protocol().choose(http.getHeader(Protocol.HEADER));
    DeviceReset wish = codec.read(HttpBody.read(http), DeviceReset.class);
    RequestLimits.check(wish);
    DeviceReset.Done done =
        Waits.forReply(Optional.of(agent.reset(HttpBody.device(device), wish)), RESET_MILLIS);
    HttpStatus status = done.objection() == null ? HttpStatus.OK : HttpStatus.CONFLICT;
    return json(version, status, done);
  }

  @GetMapping("/claims/{migration}")
  ResponseEntity<byte[]> claim(
      @PathVariable("migration") String migration,
      @RequestParam(name = "o", required = false) @Nullable String as,
      HttpServletRequest http) {
    Optional<ClaimReport> report =
        Waits.forReply(Optional.of(agent.claim(HttpBody.migration(migration))), 0);
    if (report.isEmpty()) {
      throw new NoSuchClaim(new MigrationId(migration));
    }
    return "text".equals(as)
        ? HttpBody.text(DeviceTable.of(report.get()))
        : json(version(http), HttpStatus.OK, agent.notary().sign(report.get()));
  }

  /** Who only looks need not offer a version; who offers some is answered in one of them. */
  private int version(HttpServletRequest http) {
    String offer = http.getHeader(Protocol.HEADER);
    return offer == null ? codec.protocol().newest() : codec.protocol().choose(offer);
  }

  private ResponseEntity<byte[]> json(int version, HttpStatus status, Object value) {
    return ResponseEntity.status(status)
        .contentType(MediaType.APPLICATION_JSON)
        .header(Protocol.HEADER, String.valueOf(version))
        .body(codec.write(value));
  }
}

package io.fermata.handover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.ClaimSpec.DevicePair;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One agent with nobody around it: what it wants done lies in {@link #effects} until the test does
 * it, and the other agent says only what the test makes it say. For rules about one side alone: who
 * is refused, what is on disk before what, and at which very instant.
 */
final class Lone {
  static final MigrationId ID = new MigrationId("m0000001");
  static final HostName A = new HostName("host-a");
  static final HostName B = new HostName("host-b");
  static final DeviceName GPU = new DeviceName("gpu0");
  static final DeviceName NIC = new DeviceName("nic0");
  static final Capabilities ALL = Capabilities.ofFlags(7);
  static final Timings TIMINGS = new Timings(10_000, 200, 300, 3, 10);
  static final long LEASE = 1_000_000;
  static final Testimony WORD = new Testimony("ops", "BMC-off-1842", "rack burnt", 7);
  private static final int STEPS_LIMIT = 1_000;

  final HostName host;
  final Side side;
  final List<Fact> slate = new ArrayList<>();
  final List<Effect> effects = new ArrayList<>();

  /** What was asked of streams, also where {@link #obey} has passed over it since. */
  final List<Effect> streams = new ArrayList<>();

  final SortedMap<DeviceName, DeviceState> devices = new TreeMap<>();
  private final Map<DeviceName, Claims.Holding> held = new LinkedHashMap<>();
  Claims claims;
  long now = 5_000;
  int epoch = 1;
  private long tickets;

  private Lone(Side side, Capabilities offered, DeviceName... names) {
    this.side = side;
    host = side == Side.SOURCE ? A : B;
    for (DeviceName name : names) {
      devices.put(name, DeviceState.RUNNING);
      held.put(name, new Claims.Holding(offered, side == Side.SOURCE ? "vm" : null));
    }
    claims = new Claims(host, host + "-slate", held);
  }

  static Lone source() {
    return new Lone(Side.SOURCE, ALL, GPU, NIC);
  }

  static Lone destination() {
    return new Lone(Side.DESTINATION, ALL, GPU, NIC);
  }

  static Lone of(Side side, Capabilities offered, DeviceName... names) {
    return new Lone(side, offered, names);
  }

  /** From the next restart on these have no descriptor. */
  void lacks(DeviceName... names) {
    for (DeviceName name : names) {
      held.compute(name, (n, before) -> new Claims.Holding(null, before.vm()));
    }
  }

  /** Forgets what is not on the slate; devices and time go on. */
  Turn restart() {
    effects.clear();
    claims = new Claims(host, host + "-slate", held);
    Turn turn = turn();
    claims.restore(List.copyOf(slate), turn);
    return done(turn);
  }

  Turn on(Event event) {
    Turn turn = turn();
    claims.on(event, turn);
    return done(turn);
  }

  Turn tick() {
    Turn turn = turn();
    claims.tick(turn);
    return done(turn);
  }

  /** Lets so much time pass and then ticks, once. */
  Turn after(long nanos) {
    now += nanos;
    return tick();
  }

  private Turn turn() {
    return new Turn(now, host + "-process", TIMINGS);
  }

  private Turn done(Turn turn) {
    slate.addAll(turn.facts());
    effects.addAll(turn.effects());
    streams.addAll(in(turn, Effect.OpenStream.class));
    streams.addAll(in(turn, Effect.FinishStream.class));
    return turn;
  }

  /** An answer that does not wait. */
  Answer ask(Request request) {
    Answer answer = asked(request);
    assertNotNull(answer, () -> "no answer to " + request);
    return answer;
  }

  /** The answer that comes at once, or null when it waits for the goal. */
  @Nullable Answer asked(Request request) {
    return reply(on(new Event.Asked(request, new Ticket(++tickets, now - 1))));
  }

  static @Nullable Answer reply(Turn turn) {
    return turn.effects().stream()
        .filter(Effect.Reply.class::isInstance)
        .map(e -> ((Effect.Reply) e).answer())
        .findFirst()
        .orElse(null);
  }

  ClaimReport taken(Request request) {
    Answer answer = ask(request);
    assertNull(answer.refusal(), () -> request + " was refused: " + answer.refusal());
    assertNotNull(answer.report());
    return answer.report();
  }

  /** Refused for that reason, in words that name these things, with nothing put on disk. */
  void refused(Refusal.Code code, Request request, Object... named) {
    int before = slate.size();
    Refusal refusal = ask(request).refusal();
    assertNotNull(refusal, () -> request + " was taken");
    assertEquals(code, refusal.code(), refusal::detail);
    for (Object name : named) {
      boolean said = refusal.detail().contains(String.valueOf(name));
      assertEquals(true, said, () -> "'" + refusal.detail() + "' does not name " + name);
    }
    assertEquals(before, slate.size(), "a refusal changes nothing");
  }

  /** What the agent says to a message of the other one. */
  PeerMessage.Word hears(PeerMessage message) {
    return on(new Event.PeerAsked(message, new Ticket(++tickets, now))).effects().stream()
        .filter(Effect.ReplyPeer.class::isInstance)
        .map(e -> ((Effect.ReplyPeer) e).word())
        .findFirst()
        .orElseThrow();
  }

  PeerMessage.Word hears(Receipt receipt) {
    return hears(new PeerMessage.Settle(ID, receipt));
  }

  /** The other agent answers what it was told or asked. */
  Turn word(@Nullable Receipt receipt, PeerMessage.Standing standing) {
    return on(new Event.PeerAnswered(new PeerMessage.Word(ID, receipt, standing)));
  }

  /** Does what the agent wants done with devices and guest, until it wants nothing more. */
  void obey() {
    for (int i = 0; i < STEPS_LIMIT; i++) {
      List<Effect> due = List.copyOf(effects);
      effects.clear();
      due.forEach(this::obey);
      if (due.isEmpty()) {
        return;
      }
    }
    throw new AssertionError("it never comes to rest: " + report());
  }

  private void obey(Effect effect) {
    switch (effect) {
      case Effect.Move e -> moves(e, e.hop().to());
      case Effect.Look e -> looks(e.device());
      case Effect.Reset e -> {
        devices.put(e.device(), DeviceState.RUNNING);
        looks(e.device());
      }
      case Effect.Guest e -> guest(e.run() ? GuestState.RUNNING : GuestState.PAUSED);
      default -> {} // streams and the other agent: the test's part
    }
  }

  Turn looks(DeviceName device) {
    return on(new Event.Looked(ID, device, devices.getOrDefault(device, DeviceState.UNKNOWN)));
  }

  Turn guest(GuestState state) {
    return on(new Event.GuestIs(ID, state));
  }

  /** The hop ends, and the device is found there. */
  Turn moves(Effect.Move move, DeviceState found) {
    devices.put(move.device(), found);
    var outcome = HopReport.judge(move.hop(), found);
    var error = outcome == HopReport.Outcome.DONE ? null : "EIO(5)";
    var report = new HopReport(move.device(), move.hop(), outcome, found, error, now - 1, now);
    return on(new Event.HopEnded(ID, report));
  }

  /** Every image goes out whole at the source, or comes in whole at the destination. */
  void imagesFlow(Stop stop) {
    for (DeviceName name : devices.keySet()) {
      on(
          side == Side.SOURCE
              ? new Event.Sent(ID, name, stop, image(name))
              : new Event.Arrived(ID, stop, image(name)));
    }
  }

  static ImageDigest image(DeviceName name) {
    return new ImageDigest(name, 1, "digest-of-" + name);
  }

  List<ImageDigest> images() {
    return devices.keySet().stream().map(Lone::image).toList();
  }

  /** What the agent wants done and nobody did. */
  <E extends Effect> List<E> wants(Class<E> kind) {
    return of(kind, effects);
  }

  static <E extends Effect> List<E> in(Turn turn, Class<E> kind) {
    return of(kind, turn.effects());
  }

  private static <E extends Effect> List<E> of(Class<E> kind, List<Effect> effects) {
    return effects.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** What it said to the other agent in that turn. */
  static List<PeerMessage> told(Turn turn) {
    return in(turn, Effect.Tell.class).stream().map(Effect.Tell::message).toList();
  }

  ClaimReport report() {
    return claims.report(ID).orElseThrow();
  }

  DeviceReport device(DeviceName name) {
    return report().devices().stream().filter(d -> d.name().equals(name)).findFirst().orElseThrow();
  }

  Stop stop() {
    Stop stop = report().stop();
    assertNotNull(stop);
    return stop;
  }

  <R extends Receipt> List<R> receipts(Class<R> kind) {
    return report().receipts().stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  <F extends Fact> List<F> facts(Class<F> kind) {
    return slate.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** The header of a request that is answered at once. */
  Header header() {
    return new Header(ID, new Epoch(epoch, "o1"), 0, 0);
  }

  /** The header of a request that waits for its goal so long. */
  Header waiting(long millis) {
    return new Header(ID, new Epoch(epoch, "o1"), millis, 0);
  }

  ClaimSpec spec() {
    List<DevicePair> pairs = devices.keySet().stream().map(d -> new DevicePair(d, d)).toList();
    return spec(host, pairs);
  }

  ClaimSpec spec(HostName self, List<DevicePair> pairs) {
    HostName peer = side == Side.SOURCE ? B : A;
    return new ClaimSpec("vm", pairs, self, peer, "http://" + peer, "data:1", "token", 1);
  }
}

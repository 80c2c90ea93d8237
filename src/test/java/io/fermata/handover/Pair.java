package io.fermata.handover;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.HopPlan;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Request;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;

/**
 * Two agents with their claims and obedient devices, all in one thread: what is asked is done
 * before {@link #ask} returns. Facts are kept per host, so a host can be restarted from them.
 */
final class Pair {
  static final MigrationId ID = new MigrationId("m0000001");
  static final HostName SOURCE = new HostName("host-a");
  static final HostName DESTINATION = new HostName("host-b");
  static final Timings TIMINGS = new Timings(1_000, 100, 100, 3, 10);
  static final long LEASE_MILLIS = 1;
  private static final int EFFECTS_LIMIT = 10_000;

  /** One host. */
  final class Host {
    final HostName name;
    final SortedMap<DeviceName, DeviceState> devices = new TreeMap<>();
    final List<Fact> slate = new ArrayList<>();
    final Deque<Effect> effects = new ArrayDeque<>();
    final Map<Long, Answer> answers = new HashMap<>();
    boolean guestRuns = true;
    boolean reachable = true;
    Claims claims;

    Host(HostName name, int count) {
      this.name = name;
      for (int i = 0; i < count; i++) {
        devices.put(new DeviceName("d" + i), DeviceState.RUNNING);
      }
      claims = fresh();
    }

    private Claims fresh() {
      Map<DeviceName, Claims.Holding> holdings = new TreeMap<>();
      String vm = name.equals(SOURCE) ? "vm" : null;
      devices.keySet().forEach(d -> holdings.put(d, new Claims.Holding(flags, vm)));
      return new Claims(name, name + "-slate", holdings);
    }

    /** Forgets everything that is not on the slate; the devices stay as they are. */
    void restart() {
      effects.clear();
      claims = fresh();
      Turn turn = turn();
      claims.restore(List.copyOf(slate), turn);
      finish(turn);
      settle();
    }

    void on(Event event) {
      Turn turn = turn();
      claims.on(event, turn);
      finish(turn);
    }

    void tick() {
      Turn turn = turn();
      claims.tick(turn);
      finish(turn);
    }

    ClaimReport report() {
      return claims.report(ID).orElseThrow();
    }

    <R extends Receipt> R receipt(Class<R> kind) {
      return report().receipts().stream()
          .filter(kind::isInstance)
          .map(kind::cast)
          .findFirst()
          .orElseThrow(() -> new AssertionError("no " + kind.getSimpleName() + " in " + report()));
    }

    private Turn turn() {
      return new Turn(now, name + "-process", TIMINGS);
    }

    private void finish(Turn turn) {
      slate.addAll(turn.facts());
      effects.addAll(turn.effects());
    }
  }

  /** What a device does when it is asked for a hop; the usual one goes there. */
  BiFunction<Host, Effect.Move, DeviceState> obeys = (host, move) -> move.hop().to();

  /** What becomes of a guest that is asked for; the usual one does it at once. */
  BiFunction<Host, Effect.Guest, Event.GuestIs> guests =
      (host, e) -> {
        GuestState state = e.run() ? GuestState.RUNNING : GuestState.PAUSED;
        return new Event.GuestIs(e.migration(), state, this.now);
      };

  /** Is told of each reset before it happens. */
  BiConsumer<Host, DeviceName> onReset = (host, device) -> {};

  final Capabilities flags;
  final Host source;
  final Host destination;
  long now = 1_000_000;
  private long tickets;

  Pair(int devices, Capabilities flags) {
    this.flags = flags;
    source = new Host(SOURCE, devices);
    destination = new Host(DESTINATION, devices);
  }

  Host at(HostName name) {
    return name.equals(SOURCE) ? source : destination;
  }

  /** Asks and lets everything happen that follows; the answer, or a failure if none came. */
  Answer ask(Host host, Request request) {
    Ticket ticket = new Ticket(tickets++, now);
    host.on(new Event.Asked(request, ticket));
    settle();
    Answer answer = host.answers.get(ticket.number());
    if (answer == null) {
      throw new AssertionError("no answer to " + request + ", " + host.report());
    }
    return answer;
  }

  Header header() {
    return header(1);
  }

  Header header(long epoch) {
    return new Header(ID, new Epoch(epoch, "orchestrator"), 1_000_000, 0);
  }

  ClaimSpec spec(Host host) {
    List<ClaimSpec.DevicePair> pairs =
        source.devices.keySet().stream().map(d -> new ClaimSpec.DevicePair(d, d)).toList();
    HostName peer = host == source ? DESTINATION : SOURCE;
    return new ClaimSpec(
        "vm", pairs, host.name, peer, peer.value(), "data:1", "token", LEASE_MILLIS);
  }

  /** Lets this much time pass on both hosts, in steps, with all that follows. */
  void pass(long nanos) {
    long step = Math.max(50, nanos / 500);
    for (long end = now + nanos; now < end; ) {
      now += Math.min(step, end - now);
      source.tick();
      destination.tick();
      settle();
    }
  }

  void settle() {
    for (int done = 0; !source.effects.isEmpty() || !destination.effects.isEmpty(); done++) {
      if (done > EFFECTS_LIMIT) {
        throw new AssertionError("the two agents never come to rest: " + source.report());
      }
      Host host = source.effects.isEmpty() ? destination : source;
      act(host, host.effects.remove());
    }
  }

  private void act(Host host, Effect effect) {
    switch (effect) {
      case Effect.Move e -> move(host, e);
      case Effect.Look e ->
          host.on(new Event.Looked(e.migration(), e.device(), host.devices.get(e.device())));
      case Effect.Reset e -> {
        onReset.accept(host, e.device());
        host.devices.put(e.device(), DeviceState.RUNNING);
        host.on(new Event.Looked(e.migration(), e.device(), DeviceState.RUNNING));
      }
      case Effect.Guest e -> {
        Event.GuestIs is = guests.apply(host, e);
        host.guestRuns = is.state() == GuestState.RUNNING;
        host.on(is);
      }
      case Effect.FinishStream e -> {
        var image = new ImageDigest(e.device(), 1, "digest-of-" + e.stop());
        destination.on(new Event.Arrived(e.migration(), e.stop(), image));
        host.on(new Event.Sent(e.migration(), e.device(), e.stop(), image));
      }
      case Effect.Tell e -> tell(host, e);
      case Effect.Reply e -> host.answers.put(e.ticket().number(), e.answer());
      case Effect.OpenStream e -> {}
      case Effect.ExpectStreams e -> {}
      case Effect.DropStreams e -> {}
      case Effect.ReplyPeer e -> {
        if (host.reachable) {
          at(host == source ? DESTINATION : SOURCE).on(new Event.PeerAnswered(e.word()));
        }
      }
    }
  }

  private void tell(Host from, Effect.Tell tell) {
    Host to = at(new HostName(tell.peerUrl()));
    if (from.reachable && to.reachable) {
      PeerMessage message = tell.message();
      to.on(new Event.PeerAsked(message, new Ticket(tickets++, now)));
    }
  }

  private void move(Host host, Effect.Move e) {
    DeviceState found = obeys.apply(host, e);
    host.devices.put(e.device(), found);
    if (HopPlan.violated(host.devices)) {
      throw new AssertionError("the barrier broke on " + host.name + ": " + host.devices);
    }
    var outcome = HopReport.judge(e.hop(), found);
    host.on(
        new Event.HopEnded(
            e.migration(), new HopReport(e.device(), e.hop(), outcome, found, null, now, now)));
  }
}

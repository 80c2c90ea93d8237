package io.fermata.agent;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.HopPlan;
import io.fermata.handover.Claims;
import io.fermata.handover.Effect;
import io.fermata.handover.Epoch;
import io.fermata.handover.Event;
import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.handover.ImageDigest;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Receipt;
import io.fermata.handover.Stop;
import io.fermata.handover.Ticket;
import io.fermata.handover.Timings;
import io.fermata.handover.Turn;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.ClaimSpec.DevicePair;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Request;
import io.fermata.wire.Codec;
import io.fermata.wire.WireFault;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** An agent's core behind its door for bytes, with devices that obey and a clock that goes on. */
final class FuzzedAgent {
  private static final MigrationId OUT = new MigrationId("m0out");
  private static final MigrationId IN = new MigrationId("m0in");
  private static final HostName HERE = new HostName("host-a");
  private static final HostName THERE = new HostName("host-b");
  private static final Stop STOP = new Stop("slate", 1);
  private static final Stop STOP_THERE = new Stop("there", 1);
  private static final Timings TIMINGS = new Timings(1_000, 100, 100, 3, 10);
  private static final long PAUSE = 400_000;
  private static final int FACTS_PER_LINE = 4;

  private final Codec codec;
  private final SortedMap<DeviceName, DeviceState> devices = new TreeMap<>();
  private final Set<DeviceName> guests = new HashSet<>();
  private final List<Fact> slate = new ArrayList<>();
  private final Deque<Effect> effects = new ArrayDeque<>();
  private Claims claims;
  private long now = 1_000_000;
  private long tickets;

  FuzzedAgent(Codec codec) {
    this.codec = codec;
    for (String name : List.of("g0", "g1", "f0", "f1")) {
      devices.put(new DeviceName(name), DeviceState.RUNNING);
    }
    guests.addAll(List.of(new DeviceName("g0"), new DeviceName("g1")));
    claims = fresh();
  }

  private Claims fresh() {
    Map<DeviceName, Claims.Holding> held = new TreeMap<>();
    devices.forEach((name, state) -> {
      String vm = name.value().startsWith("g") ? "vm" : null;
      held.put(name, new Claims.Holding(Capabilities.ofFlags(7), vm));
    });
    return new Claims(HERE, "slate", held);
  }

  /** Takes one line after the other; an empty one is a restart. */
  void take(List<String> lines) {
    for (String line : lines) {
      int before = slate.size();
      if (line.isEmpty()) {
        restart();
      } else {
        ask(line);
      }
      settle();
      now += PAUSE;
      tick();
      settle();
      if (slate.size() - before > FACTS_PER_LINE) {
        throw new AssertionError("one line made facts: " + slate.subList(before, slate.size()));
      }
    }
  }

  private void ask(String line) {
    int space = Math.max(0, line.indexOf(' '));
    byte[] body = line.substring(space).getBytes(ISO_8859_1);
    tickets++;
    Ticket ticket = new Ticket(tickets, now);
    try {
      if (line.startsWith("peer ")) {
        on(new Event.PeerAsked(codec.read(body, PeerMessage.class), ticket));
      } else {
        Request request = codec.request(line.substring(0, space), body);
        RequestLimits.check(request);
        on(new Event.Asked(request, ticket));
      }
    } catch (WireFault refused) {
      codec.write(refused.detail()); // goes into a problem document
    }
  }

  private void restart() {
    effects.clear();
    claims = fresh();
    Turn turn = turn();
    claims.restore(List.copyOf(slate), turn);
    finish(turn);
  }

  private void tick() {
    Turn turn = turn();
    claims.tick(turn);
    finish(turn);
  }

  private void on(Event event) {
    Turn turn = turn();
    claims.on(event, turn);
    finish(turn);
  }

  private Turn turn() {
    return new Turn(now, "agent", TIMINGS);
  }

  private void finish(Turn turn) {
    turn.facts().forEach(this::record);
    effects.addAll(turn.effects());
  }

  private void record(Fact fact) {
    boolean gone =
        slate.stream()
            .filter(f -> f.migration().equals(fact.migration()))
            .anyMatch(f ->
                (f instanceof Fact.Released && fact instanceof Fact.Stopped)
                    || (f instanceof Fact.Voided && fact instanceof Fact.Started)
                    || (f instanceof Fact.Abandoned && fact instanceof Fact.Started));
    if (gone) {
      throw new AssertionError(fact + " after " + slate);
    }
    Fact read = codec.read(codec.write(fact), Fact.class);
    if (!read.equals(fact)) {
      throw new AssertionError(fact + " is read back as " + read);
    }
    slate.add(read);
  }

  private void settle() {
    for (Effect next = effects.poll(); next != null; next = effects.poll()) {
      act(next);
    }
  }

  private void act(Effect effect) {
    switch (effect) {
      case Effect.Move e -> move(e);
      case Effect.Look e -> on(new Event.Looked(e.migration(), e.device(), state(e.device())));
      case Effect.Reset e -> {
        devices.put(e.device(), DeviceState.RUNNING);
        guests.remove(e.device());
        on(new Event.Looked(e.migration(), e.device(), DeviceState.RUNNING));
      }
      case Effect.Guest e ->
          on(new Event.GuestIs(e.migration(), e.run() ? GuestState.RUNNING : GuestState.PAUSED));
      case Effect.FinishStream e ->
          on(new Event.Sent(e.migration(), e.device(), e.stop(), image(e.device())));
      case Effect.ExpectStreams e -> arrive(e);
      case Effect.Reply e -> codec.write(e.answer());
      case Effect.ReplyPeer e -> codec.write(e.word());
      case Effect.Tell e -> codec.write(e.message());
      case Effect.OpenStream e -> {}
      case Effect.DropStreams e -> {}
    }
  }

  private void arrive(Effect.ExpectStreams e) {
    for (DevicePair pair : e.spec().devices()) {
      guests.add(pair.destination());
      on(new Event.Arrived(e.migration(), STOP_THERE, image(pair.destination())));
    }
  }

  private DeviceState state(DeviceName device) {
    return Objects.requireNonNull(devices.get(device));
  }

  private void move(Effect.Move e) {
    e.hop()
        .objection(Capabilities.ofFlags(7))
        .ifPresent(why -> {
          throw new AssertionError("not a single arc: " + why);
        });
    devices.put(e.device(), e.hop().to());
    for (String kind : List.of("g", "f")) {
      SortedMap<DeviceName, DeviceState> set = new TreeMap<>(devices);
      set.keySet().removeIf(d -> !d.value().startsWith(kind) || !guests.contains(d));
      if (HopPlan.violated(set)) {
        throw new AssertionError("the barrier broke: " + set);
      }
    }
    var outcome = HopReport.judge(e.hop(), e.hop().to());
    on(
        new Event.HopEnded(
            e.migration(),
            new HopReport(e.device(), e.hop(), outcome, e.hop().to(), null, now, now)));
  }

  private static ImageDigest image(DeviceName device) {
    return new ImageDigest(device, 1, "00ff");
  }

  private static List<ImageDigest> images(String kind) {
    return List.of(image(new DeviceName(kind + "0")), image(new DeviceName(kind + "1")));
  }

  private static Header header(MigrationId id) {
    return new Header(id, new Epoch(1, "o"), 0, 0);
  }

  private static ClaimSpec spec(String kind, String vm) {
    DeviceName zero = new DeviceName(kind + "0");
    DeviceName one = new DeviceName(kind + "1");
    var pairs = List.of(new DevicePair(zero, zero), new DevicePair(one, one));
    return new ClaimSpec(vm, pairs, HERE, THERE, "http://host-b:1", "host-b:2", "t", 1_000);
  }

  static List<Object> sourceStory() {
    Header h = header(OUT);
    return List.of(
        new Request.ClaimSource(h, spec("g", "vm")),
        new Request.PreCopy(h),
        new Request.Renew(h),
        new Request.Quiesce(h),
        new Request.Freeze(h, STOP),
        new Request.Copy(h, STOP),
        new Request.Seal(h, new Receipt.Ready(OUT, STOP, THERE, images("g"))),
        new Request.Return(h),
        new Request.Unseal(h, new Receipt.Voided(OUT, STOP, THERE)),
        new PeerMessage.Settle(OUT, new Receipt.Started(OUT, STOP, THERE)),
        new Request.Release(h, new Receipt.Started(OUT, STOP, THERE)),
        new PeerMessage.Inquire(OUT, STOP),
        new Request.Close(h));
  }

  static List<Object> destinationStory() {
    Header h = header(IN);
    var seal = new Receipt.Sealed(IN, STOP_THERE, HERE, images("f"));
    return List.of(
        new Request.ClaimDestination(h, spec("f", "vm-2")),
        new Request.Load(h),
        new Request.Start(h, seal),
        new PeerMessage.Settle(IN, seal),
        new Request.VoidCopy(h, STOP_THERE),
        new Request.Close(h));
  }
}

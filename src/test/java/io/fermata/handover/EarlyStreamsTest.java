package io.fermata.handover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.Refusal.Code;
import io.fermata.handover.message.Request;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams are connected before they can be read, and a set whose stream is lost walks back. */
class EarlyStreamsTest {
  private static final DeviceName GPU = Lone.GPU;
  private static final DeviceName NIC = Lone.NIC;

  private final Lone a = Lone.source();

  @BeforeEach
  void claimed() {
    claimed(a);
  }

  @Test
  void aSetAtRestHasNoStreams() {
    a.tick();
    assertEquals(Map.of(), opened(a));
  }

  @Test
  void whoeverIsTrackedIsReadAtOnce() {
    a.taken(new Request.PreCopy(a.header()));
    assertEquals(Map.of(), opened(a));
    List<Effect.Move> moves = a.wants(Effect.Move.class);
    a.moves(moves.getFirst(), DeviceState.PRE_COPY);
    assertEquals(Map.of(GPU, true), opened(a));
    a.moves(moves.getLast(), DeviceState.PRE_COPY);
    assertEquals(Map.of(NIC, true), opened(a));
    stops(a);
    assertEquals(Map.of(), opened(a), "each has its stream");
  }

  @Test
  void whoeverCannotBeTrackedIsConnectedOnceTheOthersAre() {
    Lone mixed = Lone.of(Side.SOURCE, Capabilities.ofFlags(3), GPU, NIC);
    mixed.claims.offers(GPU, Lone.ALL); // the other knows no pre-copy
    claimed(mixed);
    mixed.taken(new Request.PreCopy(mixed.header()));
    assertEquals(Map.of(), opened(mixed), "the others may still fail");
    mixed.moves(mixed.wants(Effect.Move.class).getFirst(), DeviceState.PRE_COPY);
    assertEquals(Map.of(GPU, true, NIC, false), opened(mixed));
    stops(mixed);
    var finish = List.of(finish(mixed, GPU), finish(mixed, NIC));
    assertEquals(finish, mixed.streams, "and no second one where it can be read now");
  }

  @Test
  void withoutPreCopyStreamsConnectWhileTheDevicesQuiesce() {
    a.taken(new Request.Quiesce(a.header()));
    assertEquals(Map.of(), opened(a));
    Turn paused = a.guest(GuestState.PAUSED);
    List<String> order =
        paused.effects().stream().map(effect -> effect.getClass().getSimpleName()).toList();
    assertEquals(List.of("Move", "Move", "OpenStream", "OpenStream"), order, "hops are waited for");
    assertEquals(Map.of(GPU, false, NIC, false), opened(a));
    a.obey();
    a.taken(new Request.Quiesce(a.header()));
    assertEquals(Map.of(), opened(a), "no second one");
  }

  @Test
  void whoIsStoppedBeforeItWasTrackedIsConnectedAtTheStop() {
    a.taken(new Request.PreCopy(a.header()));
    a.moves(a.wants(Effect.Move.class).getFirst(), DeviceState.PRE_COPY);
    assertEquals(Map.of(GPU, true), opened(a));
    a.taken(new Request.Quiesce(a.header()));
    a.guest(GuestState.PAUSED);
    assertEquals(Map.of(NIC, false), opened(a));
    a.moves(a.wants(Effect.Move.class).getFirst(), DeviceState.PRE_COPY);
    assertEquals(Map.of(), opened(a));
  }

  @Test
  void afterTheWayBackANewStopHasNewStreams() {
    stops(a);
    opened(a);
    a.taken(new Request.Return(a.header()));
    a.obey();
    a.tick();
    assertEquals(Map.of(), opened(a));
    a.taken(new Request.Quiesce(a.header()));
    a.guest(GuestState.PAUSED);
    assertEquals(Map.of(GPU, false, NIC, false), opened(a));
  }

  /** How far a set has come. */
  enum Until {
    QUIESCING,
    QUIESCED,
    FREEZING,
    FROZEN
  }

  /** Whatever the hops do: nothing goes on with it, and all of it comes back and may go again. */
  @ParameterizedTest
  @EnumSource
  void aSetThatLosesAStreamIsStuckAndWalksBack(Until until) {
    goes(until);
    breaks(NIC);
    a.obey();
    assertStuck();
    if (until.compareTo(Until.FREEZING) < 0) {
      a.refused(Code.NOT_QUIESCED, new Request.Freeze(a.header(), a.stop()), "lost: no route");
    } else {
      a.refused(Code.NOT_FROZEN, new Request.Copy(a.header(), a.stop()), "lost: no route");
    }
    a.taken(again(until, a.header()));
    a.obey();
    assertStuck();
    a.after(100 * Lone.TIMINGS.retryNanos());
    assertStuck();
    a.taken(new Request.Return(a.header()));
    assertNull(a.device(NIC).trouble());
    a.obey();
    assertEquals(Set.of(DeviceState.RUNNING), new TreeSet<>(a.devices.values()));
    assertEquals(GuestState.RUNNING, a.report().guest());
    assertEquals(Progress.REACHED, a.report().progress());
    stops(a);
    assertEquals(Progress.MOVING, a.report().progress(), "two images are on their way");
  }

  /** Its hop is under way and ends well: that must not pass for a stream that is well. */
  @Test
  void aStreamThatIsLostDuringAHopStaysLost() {
    goes(Until.FREEZING);
    List<Effect.Move> moves = a.wants(Effect.Move.class);
    breaks(NIC);
    moves.forEach(move -> a.moves(move, DeviceState.STOP));
    assertStuck();
  }

  @Test
  void whoseStreamIsLostTakesNoMoreHops() {
    goes(Until.QUIESCING);
    breaks(NIC);
    List<Effect.Move> refused = a.wants(Effect.Move.class);
    refused.forEach(move -> a.moves(move, DeviceState.RUNNING));
    a.effects.clear();
    a.taken(new Request.Quiesce(a.header())); // lets those try again whose hop failed
    assertEquals(Set.of(GPU), moved(a));
  }

  @Test
  void whoeverWaitsForAStopIsToldThatAStreamIsLost() {
    assertNull(a.asked(new Request.Quiesce(a.waiting(1_000))));
    a.guest(GuestState.PAUSED);
    breaks(GPU);
    List<Effect.Move> moves = a.wants(Effect.Move.class);
    assertNull(Lone.reply(a.moves(moves.getFirst(), DeviceState.RUNNING_P2P)));
    Answer told = Lone.reply(a.moves(moves.getLast(), DeviceState.RUNNING_P2P));
    assertNotNull(told);
    assertNotNull(told.report());
    assertEquals(Progress.STUCK, told.report().progress());
  }

  /** The guest still runs: better no blackout than one for nothing. */
  @Test
  void aSetThatLosesAStreamBeforeItIsStoppedIsStuckThere() {
    Lone plain = Lone.of(Side.SOURCE, Capabilities.ofFlags(3), GPU, NIC);
    claimed(plain);
    plain.taken(new Request.PreCopy(plain.header()));
    assertEquals(Map.of(GPU, false, NIC, false), opened(plain));
    assertEquals(Progress.REACHED, plain.report().progress());
    plain.on(new Event.Broke(Lone.ID, GPU, "no route"));
    assertEquals(Progress.STUCK, plain.report().progress());
    plain.taken(new Request.Return(plain.header()));
    assertEquals(Progress.REACHED, plain.report().progress());
  }

  /** A word of a stream that was dropped may still be on its way through the agent. */
  @Test
  void whatIsSaidOfAStreamThatIsNotOpenIsForgotten() {
    a.taken(new Request.PreCopy(a.header()));
    breaks(NIC);
    a.taken(new Request.PreCopy(a.header()));
    a.obey();
    assertEquals(Progress.REACHED, a.report().progress());
  }

  private static Effect finish(Lone host, DeviceName device) {
    return new Effect.FinishStream(Lone.ID, device, host.stop());
  }

  private void goes(Until until) {
    a.taken(new Request.Quiesce(a.header()));
    if (until == Until.QUIESCING) {
      a.guest(GuestState.PAUSED);
      return;
    }
    a.obey();
    if (until == Until.QUIESCED) {
      return;
    }
    a.taken(new Request.Freeze(a.header(), a.stop()));
    if (until == Until.FROZEN) {
      a.obey();
    }
  }

  private Request again(Until until, Header header) {
    return until.compareTo(Until.FREEZING) < 0
        ? new Request.Quiesce(header)
        : new Request.Freeze(header, a.stop());
  }

  private void breaks(DeviceName device) {
    a.on(new Event.Broke(Lone.ID, device, "no route"));
  }

  private void assertStuck() {
    assertEquals(Progress.STUCK, a.report().progress());
    assertEquals("no route", a.device(NIC).trouble());
  }

  private static void claimed(Lone host) {
    host.taken(new Request.ClaimSource(host.header(), host.spec()));
    host.obey();
  }

  /** As far as until the images flow. */
  private static void stops(Lone host) {
    host.taken(new Request.Quiesce(host.header()));
    host.obey();
    host.taken(new Request.Freeze(host.header(), host.stop()));
    host.obey();
    host.taken(new Request.Copy(host.header(), host.stop()));
    host.obey();
  }

  /** The streams that were asked for since the last look, and which may be read at once. */
  private static Map<DeviceName, Boolean> opened(Lone host) {
    Map<DeviceName, Boolean> opened = new TreeMap<>();
    for (Effect effect : host.streams) {
      if (effect instanceof Effect.OpenStream open) {
        assertNull(opened.put(open.device(), open.readable()), "twice");
      }
    }
    host.streams.clear();
    return opened;
  }

  private static Set<DeviceName> moved(Lone host) {
    return host.wants(Effect.Move.class).stream()
        .map(Effect.Move::device)
        .collect(Collectors.toSet());
  }
}

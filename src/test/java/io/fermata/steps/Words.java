package io.fermata.steps;

import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import io.fermata.handover.Effect;
import io.fermata.handover.Event;
import io.fermata.handover.Receipt;
import io.fermata.handover.Turn;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Refusal;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A turn of an agent in words: what came, what became of it, and what could go wrong with it. */
final class Words {
  private Words() {}

  static String came(@Nullable Event event, Turn turn, Rows rows) {
    Set<String> became = new TreeSet<>();
    turn.facts().forEach(fact -> became.add(fact.getClass().getSimpleName()));
    for (Effect effect : turn.effects()) {
      became.add(effect(effect, event, rows));
    }
    if (event != null) {
      rows.word(event);
    }
    return (event == null ? "time" : event(event, rows)) + " -> " + became;
  }

  private static String effect(Effect effect, @Nullable Event event, Rows rows) {
    if (effect instanceof Effect.Reply reply && reply.answer().refusal() != null) {
      Refusal.Code code = reply.answer().refusal().code();
      rows.refusals.add(code);
      boolean mine = event instanceof Event.Asked asked && asked.ticket().equals(reply.ticket());
      return (mine ? "" : "late ") + code;
    }
    if (effect instanceof Effect.ReplyPeer reply) {
      PeerMessage.Word word = reply.word();
      rows.words.add("Word " + word.standing());
      return "Word " + word.standing() + " " + kind(word.receipt());
    }
    String name = effect.getClass().getSimpleName();
    return effect instanceof Effect.Move move ? name + " " + move.hop() : name;
  }

  private static String event(Event event, Rows rows) {
    return switch (event) {
      case Event.Asked e -> {
        rows.word(e.request());
        yield e.request().getClass().getSimpleName();
      }
      case Event.PeerAsked e -> {
        rows.word(e.message());
        yield e.message() instanceof PeerMessage.Settle settle
            ? "Settle " + kind(settle.receipt())
            : "Inquire";
      }
      case Event.PeerAnswered e -> "Word " + e.word().standing() + " " + kind(e.word().receipt());
      case Event.HopEnded e -> "HopEnded " + e.report().outcome();
      case Event.Looked e -> "Looked " + e.state();
      case Event.GuestIs e -> "GuestIs " + e.state();
      case Event.GuestSeen e -> "GuestSeen " + e.state();
      default -> event.getClass().getSimpleName();
    };
  }

  private static String kind(@Nullable Receipt receipt) {
    return receipt == null ? "-" : receipt.getClass().getSimpleName();
  }

  /** The disturbances that make a difference to such a turn. */
  static Set<Disturbance> ends(Turn turn) {
    Set<Disturbance> ends = EnumSet.of(Disturbance.CRASHES_BEFORE_SYNC);
    if (!turn.facts().isEmpty()) {
      ends.add(Disturbance.CRASHES_AFTER_SYNC);
    }
    if (!turn.effects().isEmpty()) {
      ends.add(Disturbance.CRASHES_AFTER_SEND);
      ends.add(Disturbance.AWAY);
    }
    turn.effects().forEach(effect -> ends.addAll(ends(effect)));
    return ends;
  }

  private static Set<Disturbance> ends(Effect effect) {
    return switch (effect) {
      case Effect.Move e ->
          astray(e.hop()) == null
              ? EnumSet.of(
                  Disturbance.FAILS_BEFORE,
                  Disturbance.FAILS_AFTER,
                  Disturbance.DEVICE_DIES,
                  Disturbance.LATE)
              : EnumSet.of(
                  Disturbance.FAILS_BEFORE,
                  Disturbance.FAILS_AFTER,
                  Disturbance.DEVICE_DIES,
                  Disturbance.DEVICE_ASTRAY,
                  Disturbance.LATE);
      case Effect.Look e ->
          EnumSet.of(Disturbance.FAILS_BEFORE, Disturbance.FAILS_AFTER, Disturbance.LATE);
      case Effect.Reset e ->
          EnumSet.of(Disturbance.FAILS_BEFORE, Disturbance.FAILS_AFTER, Disturbance.LATE);
      case Effect.Guest e ->
          EnumSet.of(Disturbance.FAILS_BEFORE, Disturbance.FAILS_AFTER, Disturbance.LATE);
      case Effect.FinishStream e -> EnumSet.of(Disturbance.FAILS_BEFORE, Disturbance.FAILS_AFTER);
      case Effect.Tell e -> EnumSet.of(Disturbance.FAILS_BEFORE, Disturbance.FAILS_AFTER);
      case Effect.OpenStream e -> EnumSet.of(Disturbance.FAILS_BEFORE);
      case Effect.ExpectStreams e -> EnumSet.of(Disturbance.FAILS_BEFORE);
      case Effect.DropStreams e -> EnumSet.noneOf(Disturbance.class);
      case Effect.Reply e -> EnumSet.of(Disturbance.ANSWER_LOST);
      case Effect.ReplyPeer e -> EnumSet.of(Disturbance.ANSWER_LOST);
    };
  }

  /** Where else a driver may leave a device, on the same side of the barrier; null for nowhere. */
  static @Nullable DeviceState astray(Hop hop) {
    if (hop.from() != DeviceState.PRE_COPY && hop.from() != DeviceState.PRE_COPY_P2P) {
      return null;
    }
    return switch (hop.to()) {
      case PRE_COPY_P2P -> DeviceState.RUNNING_P2P;
      case STOP_COPY -> DeviceState.STOP;
      default -> null;
    };
  }
}

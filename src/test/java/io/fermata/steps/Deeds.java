package io.fermata.steps;

import io.fermata.device.Arcs;
import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import io.fermata.handover.Effect;
import io.fermata.handover.Event;
import io.fermata.handover.ImageDigest;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.HopReport;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a host does when its agent says so: devices, guest, streams and words to the peer. */
final class Deeds {
  private static final long LATE = 800 * Stage.MILLI;

  private final Stage stage;
  private final Host host;
  private final Set<MigrationId> expecting = new TreeSet<>();

  Deeds(Stage stage, Host host) {
    this.stage = stage;
    this.host = host;
  }

  /** The agent's process is gone and its connections with it; calls under way go on. */
  void forget() {
    expecting.clear();
  }

  void act(Effect effect, @Nullable Disturbance by) {
    stage.rows.word(effect);
    boolean undone = by == Disturbance.FAILS_BEFORE;
    switch (effect) {
      case Effect.Move e -> call(thing(e.device()), by, () -> move(e, by));
      case Effect.Look e -> call(thing(e.device()), by, () -> look(e, by));
      case Effect.Reset e -> call(thing(e.device()), by, () -> reset(e, by));
      case Effect.Guest e -> guest(e, by);
      case Effect.OpenStream e -> {
        if (undone) {
          post(new Event.Broke(e.migration(), e.device(), "connection refused"));
        }
      }
      case Effect.FinishStream e -> stage.soon(() -> finish(e, by));
      case Effect.ExpectStreams e -> {
        if (!undone) {
          expecting.add(e.migration());
        }
      }
      case Effect.DropStreams e -> expecting.remove(e.migration());
      case Effect.Tell e -> {
        if (!undone) {
          tell(e, by != Disturbance.FAILS_AFTER);
        }
      }
      case Effect.Reply e -> host.reply(e, by != Disturbance.ANSWER_LOST && !undone);
      case Effect.ReplyPeer e -> host.reply(e, by != Disturbance.ANSWER_LOST && !undone);
    }
  }

  private Thing thing(Object device) {
    return Objects.requireNonNull(host.things.get(device));
  }

  /** Calls of one device are served one after the other, whoever made them. */
  private void call(Thing thing, @Nullable Disturbance by, Runnable what) {
    long at = Math.max(stage.now(), thing.busyUntil) + (by == Disturbance.LATE ? LATE : 0);
    thing.busyUntil = at;
    stage.at(at, what);
  }

  private void post(Event event) {
    host.post(host.life(), event);
  }

  private void move(Effect.Move e, @Nullable Disturbance by) {
    Thing thing = thing(e.device());
    Hop hop = e.hop();
    hop.objection(thing.offered)
        .ifPresent(why -> {
          throw new Broken("S6 SingleArcs", thing + " " + why);
        });
    List<DeviceState> path = Arcs.path(thing.state, hop.to(), thing.offered);
    String error = null;
    if (by == Disturbance.DEVICE_DIES) {
      stage.truth.enter(thing, DeviceState.ERROR);
      error = "EIO(5)";
    } else if (by == Disturbance.FAILS_BEFORE || (path.isEmpty() && thing.state != hop.to())) {
      error = "EIO(5)";
    } else if (by == Disturbance.DEVICE_ASTRAY && Words.astray(hop) != null) {
      stage.truth.enter(thing, Objects.requireNonNull(Words.astray(hop)));
      error = "EIO(5)";
    } else {
      path.forEach(state -> stage.truth.enter(thing, state));
    }
    boolean unreadable = by == Disturbance.FAILS_AFTER;
    DeviceState seen = unreadable ? DeviceState.UNKNOWN : thing.state;
    var outcome = HopReport.judge(hop, seen);
    long now = stage.now();
    var report = new HopReport(e.device(), hop, outcome, seen, error, now, now);
    stage.rows.hops.add(outcome);
    post(new Event.HopEnded(e.migration(), report));
  }

  private void look(Effect.Look e, @Nullable Disturbance by) {
    boolean fails = by == Disturbance.FAILS_BEFORE || by == Disturbance.FAILS_AFTER;
    DeviceState seen = fails ? DeviceState.UNKNOWN : thing(e.device()).state;
    post(new Event.Looked(e.migration(), e.device(), seen));
  }

  private void reset(Effect.Reset e, @Nullable Disturbance by) {
    Thing thing = thing(e.device());
    if (by != Disturbance.FAILS_BEFORE) {
      stage.truth.wipe(thing);
    }
    DeviceState seen = by == Disturbance.FAILS_AFTER ? DeviceState.UNKNOWN : thing.state;
    post(new Event.Looked(e.migration(), e.device(), seen));
  }

  private void guest(Effect.Guest e, @Nullable Disturbance by) {
    int life = host.life();
    long at = stage.now() + (by == Disturbance.LATE ? LATE : 0);
    stage.at(
        at,
        () -> {
          if (by != Disturbance.FAILS_BEFORE) {
            stage.truth.guest(host.name, e.run());
          }
          boolean fails = by == Disturbance.FAILS_BEFORE || by == Disturbance.FAILS_AFTER;
          GuestState known = e.run() ? GuestState.RUNNING : GuestState.PAUSED;
          GuestState said = fails ? GuestState.UNKNOWN : known;
          host.post(life, new Event.GuestIs(e.migration(), said));
        });
  }

  private void finish(Effect.FinishStream e, @Nullable Disturbance by) {
    Host there = stage.other(host);
    Thing from = thing(e.device());
    Thing to = there.deeds.thing(e.device());
    boolean open =
        there.life() != 0
            && there.deeds.expecting.contains(e.migration())
            && from.state == DeviceState.STOP_COPY
            && to.state == DeviceState.RESUMING;
    if (by == Disturbance.FAILS_BEFORE || !open) {
      post(new Event.Broke(e.migration(), e.device(), "the stream broke"));
      return;
    }
    to.image = from.content;
    var image = new ImageDigest(e.device(), 1, "v" + from.content);
    there.deeds.post(new Event.Flowed(e.migration(), e.device(), 1, null));
    there.deeds.post(new Event.Arrived(e.migration(), e.stop(), image));
    post(
        by == Disturbance.FAILS_AFTER
            ? new Event.Broke(e.migration(), e.device(), "the stream broke")
            : new Event.Sent(e.migration(), e.device(), e.stop(), image));
  }

  private void tell(Effect.Tell e, boolean heard) {
    Host there = stage.other(host);
    int life = host.life();
    if (there.life() != 0) {
      there.ask(
          e.message(),
          word -> {
            if (heard) {
              host.post(life, new Event.PeerAnswered(word));
            }
          });
    }
  }
}

package io.fermata.steps;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.handover.Claim;
import io.fermata.handover.Claims;
import io.fermata.handover.Effect;
import io.fermata.handover.Event;
import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Ticket;
import io.fermata.handover.Timings;
import io.fermata.handover.Turn;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Request;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One host: its agent's claims, its slate, and the lives that its agent has had. */
final class Host {
  private static final Timings TIMINGS =
      new Timings(
          300 * Stage.MILLI, 100 * Stage.MILLI, 100 * Stage.MILLI, /* startAttempts= */ 3, 3);
  private static final long TICK = 50 * Stage.MILLI;
  private static final long REBOOT = 30 * Stage.MILLI;
  private static final long AWAY = 6_000 * Stage.MILLI;

  private final Stage stage;
  final String name;
  final TreeMap<DeviceName, Thing> things = new TreeMap<>();
  final List<Fact> slate = new ArrayList<>();
  final Deeds deeds;
  private final TreeMap<Long, Consumer<@Nullable Answer>> answers = new TreeMap<>();
  private final TreeMap<Long, Consumer<PeerMessage.Word>> words = new TreeMap<>();
  private final Strays strays;
  private @Nullable Claims claims;
  private int life;
  private long tickets;

  Host(Stage stage, String name) {
    this.stage = stage;
    this.name = name;
    this.strays = new Strays(this);
    this.deeds = new Deeds(stage, this);
    List<Capabilities> set = stage.story().set();
    for (int i = 0; i < set.size(); i++) {
      thing(Stage.device(i), set.get(i));
    }
    if (holdsTheSet()) {
      things.values().forEach(stage.truth::born);
    }
    Stage.strangers().forEach(this::thing);
  }

  private void thing(DeviceName device, Capabilities offered) {
    Thing thing = new Thing(name, device, offered);
    things.put(device, thing);
    stage.truth.add(thing);
  }

  private boolean holdsTheSet() {
    return name.equals(Stage.SOURCE);
  }

  /** The agent's life that is under way; 0 while there is none. */
  int life() {
    return claims == null ? 0 : life;
  }

  @Nullable Claims claims() {
    return claims;
  }

  void boot() {
    life++;
    Map<DeviceName, Claims.Holding> held = new TreeMap<>();
    things.forEach((device, thing) -> held.put(device, holding(device, thing)));
    Claims fresh = new Claims(new HostName(name), name + "-slate", held);
    if (stage.story() == Story.QUIET && !holdsTheSet()) {
      fresh.keepQuiet("its first line is not that of a slate");
    }
    claims = fresh;
    strayFirst();
    Turn turn = turn();
    fresh.restore(List.copyOf(slate), turn);
    finish(turn, "boot", null, Set.of());
    tick(life);
  }

  private Claims.Holding holding(DeviceName device, Thing thing) {
    boolean ofSet = device.value().startsWith("d");
    String own = ofSet && holdsTheSet() ? "vm" : null;
    return new Claims.Holding(thing.offered, device.value().equals("other") ? "vm-2" : own);
  }

  private void tick(int now) {
    stage.at(
        stage.now() + TICK,
        () -> {
          if (life() == now) {
            time();
            tick(now);
          }
        });
  }

  private void time() {
    strayFirst();
    Claims alive = claims;
    if (alive != null && alive.all().stream().anyMatch(Claim::holdsDevices)) {
      String before = state();
      Turn turn = turn();
      alive.tick(turn);
      if (!turn.facts().isEmpty() || !turn.effects().isEmpty()) {
        finish(turn, before, null, Set.of());
      }
    }
  }

  /** Something for the agent; one that is gone, or another than was meant, hears nothing. */
  void post(int meant, Event event) {
    stage.soon(() -> {
      Claims alive = claims;
      if (alive != null && life == meant) {
        strayFirst();
      }
      if (claims == alive && alive != null && life == meant) {
        String before = state();
        Turn turn = turn();
        alive.on(event, turn);
        finish(turn, before, event, EnumSet.of(Disturbance.TWICE));
      }
    });
  }

  /** Asks; the answer is null when the connection ends without one. */
  void ask(Request request, Consumer<@Nullable Answer> then) {
    if (claims == null) {
      then.accept(null);
      return;
    }
    Ticket ticket = ticket();
    answers.put(ticket.number(), then);
    post(life, new Event.Asked(request, ticket));
  }

  void ask(PeerMessage message, Consumer<PeerMessage.Word> then) {
    Ticket ticket = ticket();
    words.put(ticket.number(), then);
    post(life(), new Event.PeerAsked(message, ticket));
  }

  /** Something that nobody expected, if this is its moment; it is a turn of its own. */
  private void strayFirst() {
    String stray = stage.strayBefore(this);
    Claims alive = claims;
    if (stray != null && alive != null) {
      Event event = strays.event(stray, ticket());
      String before = state();
      Turn turn = turn();
      alive.on(event, turn);
      finish(turn, before, event, EnumSet.of(Disturbance.TWICE));
    }
  }

  private Ticket ticket() {
    tickets++;
    return new Ticket(tickets, stage.now());
  }

  private Turn turn() {
    return new Turn(stage.now(), name + "-" + life, TIMINGS);
  }

  private void finish(Turn turn, String before, @Nullable Event event, Set<Disturbance> more) {
    String came = Words.came(event, turn, stage.rows);
    Set<Disturbance> ends = Words.ends(turn);
    ends.addAll(more);
    Disturbance by = stage.step(place(before), came, name, ends);
    if (by == Disturbance.CRASHES_BEFORE_SYNC) {
      crash(REBOOT);
      return;
    }
    save(turn.facts());
    if (by == Disturbance.CRASHES_AFTER_SYNC) {
      crash(REBOOT);
      return;
    }
    turn.effects().forEach(effect -> deeds.act(effect, by));
    if (by == Disturbance.CRASHES_AFTER_SEND || by == Disturbance.AWAY) {
      crash(by == Disturbance.AWAY ? AWAY : REBOOT);
    } else if (by == Disturbance.TWICE && event != null) {
      post(life, event);
    }
  }

  private void save(List<Fact> facts) {
    for (Fact fact : facts) {
      stage.rows.word(fact);
      slate.add(fact);
      Slates.check(this, stage.other(this));
    }
  }

  private void crash(long pause) {
    claims = null;
    deeds.forget();
    words.clear();
    List<Consumer<@Nullable Answer>> waiting = List.copyOf(answers.values());
    answers.clear();
    waiting.forEach(w -> stage.soon(() -> w.accept(null)));
    stage.at(stage.now() + pause, this::boot);
  }

  void reply(Effect.Reply reply, boolean heard) {
    Consumer<@Nullable Answer> waiting = answers.remove(reply.ticket().number());
    if (waiting != null && heard) {
      stage.soon(() -> waiting.accept(reply.answer()));
    }
  }

  void reply(Effect.ReplyPeer reply, boolean heard) {
    Consumer<PeerMessage.Word> waiting = words.remove(reply.ticket().number());
    if (waiting != null && heard) {
      stage.soon(() -> waiting.accept(reply.word()));
    }
  }

  boolean atRest() {
    Claims alive = claims;
    return alive != null && alive.all().stream().noneMatch(Claim::holdsDevices);
  }

  @Nullable ClaimReport report() {
    Claims alive = claims;
    MigrationId id = stage.orchestrators.migration();
    return alive == null || id == null ? null : alive.report(id).orElse(null);
  }

  Stage stage() {
    return stage;
  }

  private String place(String before) {
    return (holdsTheSet() ? "source " : "destination ") + before;
  }

  /** The claim's state in one line: what a refusal or a goal can depend on. */
  private String state() {
    ClaimReport report = report();
    if (report == null) {
      return "none";
    }
    String receipts =
        report.receipts().stream()
            .map(r -> r.getClass().getSimpleName())
            .distinct()
            .collect(Collectors.joining(","));
    boolean given = slate.stream().anyMatch(f -> f instanceof Fact.Abandoned);
    return report.standing()
        + " "
        + report.goal()
        + " "
        + report.progress()
        + " ["
        + receipts
        + (given ? ",abandoned" : "")
        + "]";
  }

  @Override
  public String toString() {
    return state();
  }
}

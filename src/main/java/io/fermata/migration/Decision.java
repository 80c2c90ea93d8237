package io.fermata.migration;

import io.fermata.handover.Side;
import io.fermata.handover.message.Request;
import io.fermata.migration.Known.Ask;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to do now: notes to keep, perhaps a trigger, and what to ask. With a trigger the notes and
 * the move are one change, and the next decision follows at once; notes alone are one change too;
 * with neither the asks go out.
 */
public record Decision(
    List<Note> notes, @Nullable Trigger trigger, @Nullable Outcome outcome, List<Ask> asks) {
  public Decision {
    notes = List.copyOf(notes);
    asks = List.copyOf(asks);
  }

  static Decision move(Trigger trigger, Note... notes) {
    return new Decision(List.of(notes), trigger, null, List.of());
  }

  static Decision end(Trigger trigger, Outcome outcome, Note... notes) {
    return new Decision(List.of(notes), trigger, outcome, List.of());
  }

  static Decision ask(Side side, Request request) {
    return new Decision(List.of(), null, null, List.of(new Ask(side, request)));
  }

  static Decision note(Note... notes) {
    return new Decision(List.of(notes), null, null, List.of());
  }

  static Decision nothing() {
    return new Decision(List.of(), null, null, List.of());
  }

  Decision and(Decision other) {
    List<Ask> all = new ArrayList<>(asks);
    all.addAll(other.asks);
    return new Decision(notes, trigger, outcome, all);
  }

  Decision noting(Note note) {
    List<Note> all = new ArrayList<>(notes);
    all.add(note);
    return new Decision(all, trigger, outcome, asks);
  }
}

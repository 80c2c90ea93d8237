package io.fermata.drain;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fermata.drain.Drain.Phase;
import io.fermata.drain.Move.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What happened to a drain, as the journal's history tells it.
 *
 * @param type such as {@code drain.blocked}
 */
record News(String type, Data data) {

  /** The details; what does not apply is left out. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Data(
      String host,
      @Nullable String vm,
      @Nullable String migration,
      @Nullable String destination,
      @Nullable String device,
      @Nullable String code,
      @Nullable String detail) {}

  /** What can happen. */
  enum Kind {
    STARTED,
    PAUSED,
    RESUMED,
    CANCELLING,
    MOVING,
    MOVED,
    CHILD_FAILED,
    BLOCKED,
    UNBLOCKED,
    DRAINED,
    CANCELLED;

    /** The type of its entry. */
    String type() {
      return "drain." + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Every type of entry that is written here. */
  static List<String> types() {
    return Stream.of(Kind.values()).map(Kind::type).toList();
  }

  /** About the drain as a whole, with what its caller said. */
  static News of(Drain drain, Kind kind, @Nullable String detail) {
    return new News(
        kind.type(), new Data(drain.host().value(), null, null, null, null, null, detail));
  }

  /** What the later one has that the earlier one has not. */
  static List<News> between(Drain before, Drain after) {
    List<News> all = new ArrayList<>();
    blockers(before, after, all);
    after
        .moves()
        .values()
        .forEach(move -> {
          Move old = before.moves().get(move.vm());
          if (old != null && old.state() != State.MOVING && move.state() == State.MOVING) {
            all.add(of(after, Kind.MOVING, move));
          }
          if (move.away() && (old == null || !old.away())) {
            all.add(of(after, Kind.MOVED, move));
          }
          if (old != null && move.failures() > old.failures()) {
            all.add(of(after, Kind.CHILD_FAILED, move));
          }
        });
    if (before.phase() != after.phase() && after.phase().ended()) {
      boolean drained = after.phase() == Phase.DRAINED;
      all.add(of(after, drained ? Kind.DRAINED : Kind.CANCELLED, (String) null));
    }
    return all;
  }

  private static void blockers(Drain before, Drain after, List<News> all) {
    List<Blocker> old = before.everyBlocker();
    List<Blocker> now = after.everyBlocker();
    for (Blocker blocker : now) {
      if (old.stream().noneMatch(blocker::same)) {
        all.add(of(after, Kind.BLOCKED, blocker));
      }
    }
    for (Blocker blocker : old) {
      if (now.stream().noneMatch(blocker::same)) {
        all.add(of(after, Kind.UNBLOCKED, blocker));
      }
    }
  }

  private static News of(Drain drain, Kind kind, Blocker blocker) {
    return new News(
        kind.type(),
        new Data(
            drain.host().value(),
            blocker.vm(),
            null,
            null,
            blocker.device(),
            blocker.code().name(),
            kind == Kind.BLOCKED ? blocker.detail() : null));
  }

  private static News of(Drain drain, Kind kind, Move move) {
    String migration = move.migration() == null ? null : move.migration().value();
    String destination = move.destination() == null ? null : move.destination().value();
    return new News(
        kind.type(),
        new Data(drain.host().value(), move.vm(), migration, destination, null, null, null));
  }
}

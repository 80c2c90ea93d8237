package io.fermata.api.text;

import io.fermata.api.view.DrainView;
import io.fermata.api.view.DrainView.BlockerJson;
import io.fermata.api.view.DrainView.MoveJson;
import io.fermata.drain.Drain.Phase;
import io.fermata.drain.Move.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Drains as people read them. */
public final class DrainText {
  private static final int[] LIST = {9, 20, 10, 26, 6, 7, 8};
  private static final int[] MOVES = {20, 9, 28, 9, 9};
  private static final int BAR = 20;

  private DrainText() {}

  /** A page of them. */
  public static String list(
      List<DrainView> drains, @Nullable String cursor, UnaryOperator<String> ids, Instant now) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("DRAIN", "HOST", "PHASE", "PROGRESS", "MOVED", "BLOCKED", "AGE"));
    for (DrainView drain : drains) {
      rows.add(
          List.of(
              id(drain, ids),
              drain.host(),
              drain.phase().name(),
              Sheet.bar(drain.percent(), BAR),
              Integer.toString(away(drain)),
              Integer.toString(drain.blockers().size()),
              age(drain.created(), now)));
    }
    Sheet sheet = new Sheet().table(LIST, rows);
    if (cursor != null) {
      sheet.line("more: " + Curl.get("/drains?cursor=" + cursor));
    }
    return sheet.next(
        drains.isEmpty()
            ? "curl \"$F/drains?dryRun=true&o=text\" -d host=…"
            : Curl.get("/drains/" + id(drains.getFirst(), ids)));
  }

  /** One of them. */
  public static String one(DrainView drain, UnaryOperator<String> ids, Instant now) {
    Sheet sheet = new Sheet();
    String why = drain.reason() == null ? "" : ": " + drain.reason();
    sheet.words(
        "", "drain of " + drain.host() + " " + id(drain, ids) + " by " + drain.actor() + why);
    sheet.line(
        drain.phase()
            + " since "
            + age(drain.phaseSince(), now)
            + "  "
            + Sheet.bar(drain.percent(), BAR)
            + " remaining "
            + Times.span(drain.remainingMs()));
    moves(sheet, drain, ids, now);
    blockers(sheet, drain.blockers());
    if (!drain.terms().exclude().isEmpty()) {
      sheet.words("", "stays: " + String.join(", ", drain.terms().exclude()));
    }
    power(sheet, drain.powerOff(), now);
    return sheet.next(next(drain, ids));
  }

  private static void moves(Sheet sheet, DrainView drain, UnaryOperator<String> ids, Instant now) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("VM", "STATE", "FROM→TO", "MIGRATION", "SINCE"));
    for (MoveJson move : drain.moves()) {
      String to = move.destination() == null ? "" : drain.host() + "→" + move.destination();
      String migration = move.migration();
      rows.add(
          List.of(
              move.vm(),
              move.state().name(),
              to,
              migration == null ? "-" : ids.apply(migration),
              age(move.since(), now)));
    }
    sheet.table(MOVES, rows);
    sheet.line(
        (count(drain, State.MOVING) + count(drain, State.STARTING))
            + " moving (limit "
            + drain.terms().concurrency()
            + ") · "
            + count(drain, State.WAITING)
            + " waiting · "
            + count(drain, State.BLOCKED)
            + " blocked · "
            + away(drain)
            + " of "
            + drain.moves().size()
            + " left the host");
  }

  private static void blockers(Sheet sheet, List<BlockerJson> blockers) {
    for (BlockerJson blocker : blockers) {
      sheet.words("", "in the way: " + words(blocker));
      sheet.words("  fix: ", blocker.next());
    }
  }

  private static String words(BlockerJson blocker) {
    String vm = blocker.vm() == null ? "" : blocker.vm() + " ";
    String device = blocker.device() == null ? "" : blocker.device() + " ";
    return vm + device + blocker.code() + ": " + blocker.detail();
  }

  /** Whether it may be switched off; nothing where nobody was asked. */
  public static void power(Sheet sheet, DrainView.@Nullable PowerOffJson power, Instant now) {
    if (power == null) {
      return;
    }
    String asked = " (agent asked " + age(power.asked(), now) + " ago";
    String slate = power.incarnation() == null ? "" : ", slate " + power.incarnation();
    sheet.line("safeToPowerOff: " + power.safe() + asked + slate + ")");
    power.reasons().forEach(reason -> sheet.words("  ", words(reason)));
  }

  private static String next(DrainView drain, UnaryOperator<String> ids) {
    String id = drain.id();
    if (id == null) {
      return "curl \"$F/drains?o=text\" -d host=" + drain.host() + " -d reason=…";
    }
    if (drain.phase() == Phase.PAUSED) {
      return "curl -X POST $F/drains/" + ids.apply(id) + "/resume";
    }
    return drain.phase().ended()
        ? Curl.get("/hosts/" + drain.host())
        : Curl.get("/drains/" + ids.apply(id));
  }

  private static String id(DrainView drain, UnaryOperator<String> ids) {
    String id = drain.id();
    return id == null ? "(nothing is done)" : ids.apply(id);
  }

  private static int away(DrainView drain) {
    return count(drain, State.MOVED) + count(drain, State.GONE);
  }

  private static int count(DrainView drain, State state) {
    return (int) drain.moves().stream().filter(move -> move.state() == state).count();
  }

  private static String age(Instant since, Instant now) {
    return Times.span(Math.max(0, now.toEpochMilli() - since.toEpochMilli()));
  }
}

package io.fermata.api.text;

import io.fermata.api.view.ExplainView;
import io.fermata.api.view.MigrationView.ResolutionView;
import io.fermata.api.view.Stuck;
import io.fermata.migration.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An explanation as people read it. */
public final class ExplainText {
  private static final int SHOWN = 10;

  private ExplainText() {}

  /** The explanation; {@code id} is cut as short as may be. */
  public static String of(ExplainView view, String id) {
    Sheet sheet = new Sheet();
    sheet.words(
        "", id + " is in " + view.phase() + " for " + Times.span(view.sinceMs()) + deadline(view));
    if (view.outcome() != null) {
      sheet.line("outcome: " + view.outcome());
    }
    Failure error = view.error();
    if (error != null) {
      sheet.words("", "error: " + error.code() + ": " + error.detail() + where(error));
    }
    if (view.queuePosition() != null) {
      sheet.line("place " + view.queuePosition() + " in the queue");
    }
    stuck(sheet, view);
    view.sides().forEach(side -> side(sheet, side));
    var held = view.evidence();
    sheet.line(
        "receipts held: ready "
            + yes(held.ready())
            + ", sealed "
            + yes(held.sealed())
            + ", started "
            + yes(held.started())
            + ", voided "
            + yes(held.voided()));
    ResolutionView decided = view.resolution();
    if (decided != null) {
      sheet.words(
          "",
          decided.actor()
              + " keeps the "
              + decided.keep()
              + " since "
              + decided.at()
              + " on the evidence "
              + decided.evidence()
              + ": "
              + decided.reason());
    }
    sheet.words("", "by itself: " + view.automatic());
    sheet.line(
        "you may: "
            + (view.allowed().isEmpty() ? nothing(view) : String.join(", ", view.allowed())));
    return sheet.next(next(view, id));
  }

  private static String nothing(ExplainView view) {
    return view.outcome() == null ? "wait" : "look at the timeline";
  }

  /** Each way of being stuck with its devices, and once what comes of it by itself. */
  private static void stuck(Sheet sheet, ExplainView view) {
    Map<Stuck.Way, List<Stuck>> ways = new TreeMap<>();
    view.stuck().forEach(s -> ways.computeIfAbsent(s.way(), w -> new ArrayList<>()).add(s));
    ways.forEach((way, all) -> {
      String count = all.size() == 1 ? "" : " (" + all.size() + ")";
      sheet.line("waiting: " + way.name().toLowerCase(Locale.ROOT).replace('_', ' ') + count);
      all.stream().limit(SHOWN).forEach(one -> sheet.words("    ", one.what()));
      if (all.size() > SHOWN) {
        sheet.line("    and " + (all.size() - SHOWN) + " more");
      }
      sheet.words("    ", "then: " + all.getFirst().then());
    });
    if (ways.isEmpty()) {
      view.waitingFor().forEach(waiting -> sheet.words("  ", "waiting for " + waiting));
    }
  }

  private static void side(Sheet sheet, ExplainView.Side side) {
    String state = side.agent() == null ? "?" : side.agent().name();
    String asked =
        side.askedFor() == null
            ? ""
            : ", asked " + side.askedFor() + " " + Times.span(side.askedAgoMs()) + " ago";
    String goal = side.goal() == null ? "" : ", goal " + side.goal() + " " + side.progress();
    sheet.words(
        "",
        side.side()
            + " "
            + side.host()
            + ": agent "
            + state
            + " seen "
            + Times.span(side.seenAgoMs())
            + " ago"
            + asked
            + goal);
    side.behind().stream().limit(20).forEach(device -> sheet.words("    ", device));
    usual(side.late()).forEach(line -> sheet.words("    ", line));
    if (side.behind().size() > 20) {
      sheet.line("    and " + (side.behind().size() - 20) + " more");
    }
    if (side.trouble() != null) {
      sheet.words("    ", "trouble: " + side.trouble());
    }
  }

  /** Once for each hop and profile, however many devices are late with it. */
  private static List<String> usual(List<ExplainView.Late> late) {
    return late.stream()
        .map(each ->
            "typical for %s %s: p50 %s ms, p99 %s ms (n=%d)"
                .formatted(
                    each.profile(),
                    each.hop(),
                    Times.millis(each.p50Ms()),
                    Times.millis(each.p99Ms()),
                    each.n()))
        .distinct()
        .toList();
  }

  private static String deadline(ExplainView view) {
    return view.deadlineInMs() == null ? "" : " (deadline " + Times.span(view.deadlineInMs()) + ")";
  }

  private static String next(ExplainView view, String id) {
    String path = "/migrations/" + id;
    if (view.outcome() != null) {
      return view.allowed().contains("retry")
          ? Curl.post(path + "/retry")
          : Curl.get(path + "/timeline");
    }
    if (view.allowed().contains("abort")) {
      return Curl.post(path + "/abort", "reason=…");
    }
    return view.allowed().contains("resolve")
        ? Curl.post(path + "/resolve?dryRun=true", "keep=…", "evidence=…", "reason=…")
        : Curl.get(path + "?wait=30s&until=change");
  }

  private static String where(Failure error) {
    return at(error.host()) + at(error.device());
  }

  private static String at(@Nullable String place) {
    return place == null ? "" : " [" + place + "]";
  }

  private static String yes(boolean held) {
    return held ? "yes" : "no";
  }
}

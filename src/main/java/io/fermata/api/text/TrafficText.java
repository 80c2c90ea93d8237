package io.fermata.api.text;

import io.fermata.api.view.TrafficView.AdmissionJson;
import io.fermata.api.view.TrafficView.LimitsJson;
import io.fermata.api.view.TrafficView.QueueJson;
import io.fermata.api.view.TrafficView.WaitingJson;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Limits.Scope;
import io.fermata.migration.Traffic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Limits, queue and admission as people read them. */
public final class TrafficText {
  private static final int[] LIMITS = {14, 8, 62};
  private static final int[] QUEUE = {2, 9, 16, 20, 10, 24, 7};

  private TrafficText() {}

  /** The last line of a list, such as {@code 2 active (limit 5) · 1 in blackout (limit 1) · …}. */
  public static String footer(Traffic.View view) {
    return view.inUse(Scope.CLUSTER)
        + " active (limit "
        + view.limits().value().cluster()
        + ") · "
        + view.inUse(Scope.BLACKOUT)
        + " in blackout (limit "
        + view.limits().value().blackouts()
        + ") · "
        + view.starting().size()
        + " waiting"
        + (view.paused() ? " · admission paused" : "");
  }

  /** The limits. */
  public static String limits(LimitsJson limits) {
    var inUse = limits.inUse();
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("LIMIT", "MOST", "IN USE"));
    rows.add(row("cluster", limits.cluster(), "" + inUse.cluster()));
    rows.add(row("perSource", limits.perSource(), words(inUse.perSource())));
    rows.add(row("perDestination", limits.perDestination(), words(inUse.perDestination())));
    rows.add(row("perPair", limits.perPair(), words(inUse.perPair())));
    rows.add(row("blackouts", limits.blackouts(), "" + inUse.blackouts()));
    rows.add(row("queued", limits.queued(), "" + inUse.queued()));
    Sheet sheet = new Sheet().table(LIMITS, rows);
    sheet.line("version " + limits.version() + "; to change: curl -X PUT $F/limits");
    sheet.line("  -H 'If-Match: \"" + limits.version() + "\"' -d perSource=…");
    return sheet.next(Curl.get("/queue"));
  }

  private static List<String> row(String name, int most, String inUse) {
    return List.of(name, Integer.toString(most), inUse);
  }

  private static String words(Map<String, Integer> inUse) {
    if (inUse.isEmpty()) {
      return "0";
    }
    return String.join(
        ", ", inUse.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()).toList());
  }

  /** The queue. */
  public static String queue(
      QueueJson queue, String footer, Function<MigrationId, String> ids, Instant now) {
    Sheet sheet = new Sheet();
    if (queue.admission().state().equals("paused")) {
      admission(sheet, queue.admission(), now);
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("#", "MIGRATION", "VM", "FROM→TO", "PRIORITY", "WAITS FOR", "SINCE"));
    queue.starting().forEach(w -> rows.add(row(w, ids, now)));
    queue.darkening().forEach(w -> rows.add(row(w, ids, now)));
    sheet.table(QUEUE, rows);
    sheet.line(footer);
    return sheet.next(
        queue.starting().isEmpty()
            ? Curl.get("/migrations")
            : Curl.get(
                "/migrations/"
                    + ids.apply(new MigrationId(queue.starting().getFirst().id()))
                    + "/explain"));
  }

  private static List<String> row(WaitingJson w, Function<MigrationId, String> ids, Instant now) {
    String limit = w.limit();
    String what =
        limit == null
            ? "admission paused"
            : limit
                + (w.where() == null || limit.equals("pair") ? "" : " " + w.where())
                + " "
                + w.inUse()
                + "/"
                + w.max();
    return List.of(
        Integer.toString(w.position()),
        ids.apply(new MigrationId(w.id())),
        w.vm(),
        w.source() + "→" + w.destination(),
        w.priority(),
        what,
        Times.span(now.toEpochMilli() - w.since().toEpochMilli()));
  }

  /** The admission. */
  public static String admission(AdmissionJson admission, Instant now) {
    Sheet sheet = new Sheet();
    admission(sheet, admission, now);
    sheet.line(admission.waiting() + " waiting to start; what is under way goes on");
    return sheet.next(
        admission.state().equals("paused")
            ? "curl -X PUT $F/admission -d state=open -d reason=…"
            : Curl.get("/queue"));
  }

  private static void admission(Sheet sheet, AdmissionJson admission, Instant now) {
    Instant since = admission.since();
    Instant expires = admission.expires();
    String who = admission.actor() == null ? "" : " by " + admission.actor();
    String age =
        since == null ? "" : " since " + Times.span(now.toEpochMilli() - since.toEpochMilli());
    String end =
        expires == null
            ? ""
            : ", ends by itself in " + Times.span(expires.toEpochMilli() - now.toEpochMilli());
    sheet.words("", "admission " + admission.state() + age + who + end);
    if (admission.reason() != null) {
      sheet.words("  ", "reason: " + admission.reason());
    }
  }
}

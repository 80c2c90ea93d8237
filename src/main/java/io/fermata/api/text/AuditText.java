package io.fermata.api.text;

import io.fermata.api.view.AuditView;
import io.fermata.audit.Verification;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The audit trail as people read it. */
public final class AuditText {
  private static final int[] COLUMNS = {20, 12, 22, 8, 8, 28};

  private AuditText() {}

  /** A page of records, newest first; {@code cursor} is null on the last one. */
  public static String page(List<AuditView> items, @Nullable String cursor) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("TIME", "ACTOR", "ACTION", "SUBJECT", "DECISION", "WHY"));
    items.forEach(item -> rows.add(row(item)));
    Sheet sheet = new Sheet().table(COLUMNS, rows);
    sheet.line(items.size() + " records");
    return sheet.next(Curl.get(cursor == null ? "/audit/verify" : "/audit?cursor=" + cursor));
  }

  private static List<String> row(AuditView item) {
    String time = item.time().toString();
    return List.of(
        time.substring(0, Math.min(19, time.length() - 1)) + "Z",
        item.actor(),
        item.action(),
        item.subject().isEmpty() ? "-" : item.subject(),
        item.decision(),
        why(item));
  }

  private static String why(AuditView item) {
    String code = item.code() == null ? "" : item.code();
    String reason = item.reason() == null ? "" : item.reason();
    String gap = code.isEmpty() || reason.isEmpty() ? "" : ": ";
    String both = code + gap + reason;
    return both.isEmpty() ? "-" : both;
  }

  /** What a walk along the chains found. */
  public static String verification(Verification found) {
    Sheet sheet = new Sheet();
    sheet.line(
        (found.intact() ? "intact: " : "BROKEN: ")
            + found.records()
            + " records in "
            + found.chains().size()
            + " chains, "
            + found.waiting()
            + " wait to be written");
    for (Verification.Chain chain : found.chains()) {
      sheet.line(chain.name() + "  " + chain.records() + " records  head " + chain.head());
      Verification.Break broken = chain.broken();
      if (broken != null) {
        sheet.words("  ", "record " + broken.number() + ": " + broken.what());
      }
    }
    if (found.intact()) {
      sheet.line("keep the heads elsewhere: they show later that nothing was cut off");
    }
    return sheet.next(Curl.get("/audit"));
  }
}

package io.fermata.api.text;

import io.fermata.api.view.SubscriptionView;
import java.util.ArrayList;
import java.util.List;

/** Subscriptions as people read them. */
public final class SubscriptionText {
  private static final int[] COLUMNS = {16, 40, 8, 9, 8, 5};

  private SubscriptionText() {}

  /** All of them. */
  public static String list(List<SubscriptionView> items) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("ID", "URL", "CURSOR", "DELIVERED", "FAILURES", "DEAD"));
    for (SubscriptionView item : items) {
      rows.add(
          List.of(
              item.id(),
              item.url(),
              Long.toString(item.cursor()),
              Long.toString(item.delivered()),
              Integer.toString(item.failures()),
              Integer.toString(item.dead().size())));
    }
    Sheet sheet = new Sheet().table(COLUMNS, rows);
    return sheet.next(
        items.isEmpty()
            ? Curl.post("/subscriptions", "url=https://…")
            : Curl.get("/subscriptions/" + items.getFirst().id()));
  }

  /** One with its dead letters. */
  public static String one(SubscriptionView view) {
    Sheet sheet = new Sheet();
    sheet.words("", view.id() + "  " + view.url());
    sheet.words("", "types      " + (view.types().isEmpty() ? "all" : view.types()));
    sheet.line("by         " + view.actor() + " since " + view.created());
    sheet.line("delivered  " + view.delivered() + ", up to event " + view.cursor());
    if (view.error() != null) {
      sheet.words(
          "",
          "failing    "
              + view.failures()
              + " times since "
              + view.failingSince()
              + ": "
              + view.error());
    }
    for (SubscriptionView.Dead dead : view.dead()) {
      sheet.words("  ", "dead " + dead.seq() + " " + dead.type() + ": " + dead.error());
    }
    String path = "/subscriptions/" + view.id();
    return sheet.next(
        view.dead().isEmpty()
            ? Curl.get("/events?after=" + view.cursor())
            : Curl.post(path + "/redeliver"));
  }
}

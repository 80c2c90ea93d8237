package io.fermata.scale;

import io.fermata.journal.Cursor;
import io.fermata.journal.Row;
import io.fermata.journal.RowFilter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/** Lists the finished migrations of a full journal by the API, page by page. */
final class PagesRun {
  private final Service service;
  private final List<Row> rows;

  /** A filter as the API takes it, and what it means. */
  private record Asked(String query, RowFilter filter) {}

  /**
   * @param rows what is in the journal, in the order of the list
   */
  PagesRun(Service service, List<Row> rows) {
    this.service = service;
    this.rows = rows;
  }

  private List<Asked> filters() {
    Row some = rows.get(rows.size() / 3);
    long since = rows.get(rows.size() / 2).createdMillis();
    long until = rows.get(rows.size() / 4).createdMillis();
    String host = some.source();
    return List.of(
        new Asked("", RowFilter.ALL),
        new Asked("vm=" + some.vm(), new RowFilter(some.vm(), null, null, null, null, null)),
        new Asked("host=" + host, new RowFilter(null, host, null, null, null, null)),
        new Asked("outcome=succeeded", of(null, "SUCCEEDED")),
        new Asked("outcome=failed", of(null, "FAILED")),
        new Asked("outcome=resolved", of(null, "RESOLVED")),
        new Asked("host=" + host + "&outcome=rolled_back", of(host, "ROLLED_BACK")),
        new Asked("host=" + host + "&outcome=failed", of(host, "FAILED")),
        new Asked("phase=done", new RowFilter(null, null, "DONE", null, null, null)),
        new Asked("phase=needs_operator", phase("NEEDS_OPERATOR")),
        new Asked("phase=active", phase("active")),
        new Asked(
            "since=" + Instant.ofEpochMilli(since) + "&until=" + Instant.ofEpochMilli(until),
            new RowFilter(null, null, null, null, since, until)));
  }

  private static RowFilter of(String host, String outcome) {
    return new RowFilter(null, host, null, outcome, null, null);
  }

  private static RowFilter phase(String phase) {
    return new RowFilter(null, null, phase, null, null, null);
  }

  /**
   * One migration that ran, of eight devices, and what its journal kept of it.
   *
   * @param folder for what it takes
   */
  static ManyRows.Model model(Path jar, Path folder) throws IOException {
    var shape = new Light.Shape(2, 1, 8);
    List<String> settings = new ArrayList<>(FlightRun.settings());
    try (var light = new Light(shape, folder.resolve("model.log"), Jvms.BRIEF)) {
      light.release();
      settings.add(light.inventory(folder));
      String id;
      Path journal;
      try (var service = new Service(jar, folder.resolve("model"), Jvms.BRIEF, settings)) {
        journal = service.journal();
        String body = LightHosts.order(0, shape.hosts(), 0, shape.devices());
        id = service.post("migrations", body).ok().get("id").asString();
        Awaitility.await().until(() -> service.active() == 0);
      }
      return ManyRows.Model.of(journal, id);
    }
  }

  /** Where a walk over all pages of some filter shows anything but what is in the journal. */
  List<String> wrong(int pageSize) throws IOException {
    List<String> wrong = new ArrayList<>();
    for (Asked asked : filters()) {
      List<String> shown = walk(asked, pageSize);
      List<String> there = rows.stream().filter(asked.filter()::matches).map(Row::id).toList();
      if (!shown.equals(there)) {
        wrong.add("%s: %d shown, %d there".formatted(asked.query(), shown.size(), there.size()));
      }
    }
    return wrong;
  }

  private List<String> walk(Asked asked, int pageSize) throws IOException {
    List<String> ids = new ArrayList<>();
    String cursor = "";
    while (true) {
      JsonNode page =
          service.get("migrations?limit=" + pageSize + "&" + asked.query() + cursor).ok();
      page.get("items").forEach(item -> ids.add(item.get("id").asString()));
      if (!page.hasNonNull("cursor")) {
        return ids;
      }
      cursor = "&cursor=" + page.get("cursor").asString();
    }
  }

  /** How long pages take, in milliseconds, by what was asked for; all kinds take turns. */
  Map<String, List<Double>> times(int rounds, int warm) throws IOException {
    Map<String, String> asked = new LinkedHashMap<>();
    for (Asked each : filters()) {
      asked.put("first page, " + (each.query().isEmpty() ? "all" : each.query()), each.query());
      List<Row> there = rows.stream().filter(each.filter()::matches).toList();
      if (there.size() > 200) {
        String middle = Cursor.after(there.get(there.size() / 2)).text();
        String last = Cursor.after(there.get(there.size() - 10)).text();
        String query = each.query() + "&cursor=";
        asked.put("middle page, " + each.query(), query + middle);
        asked.put("last page, " + each.query(), query + last);
      }
    }
    asked.put("first page of 500, all", "limit=500");
    Map<String, List<Double>> times = new LinkedHashMap<>();
    for (int round = 0; round < warm + rounds; round++) {
      for (var each : asked.entrySet()) {
        long start = System.nanoTime();
        service.get("migrations?" + each.getValue()).ok();
        double millis = (System.nanoTime() - start) / 1e6;
        if (round >= warm) {
          times.computeIfAbsent(each.getKey(), k -> new ArrayList<>()).add(millis);
        }
      }
    }
    return times;
  }
}

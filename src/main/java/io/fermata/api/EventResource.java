package io.fermata.api;

import io.fermata.api.problem.Refused;
import io.fermata.api.problem.Violation;
import io.fermata.api.request.Given;
import io.fermata.api.text.EventText;
import io.fermata.api.view.EventView;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Migrations;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Events of one migration or of all: what was, and with {@code ?follow} what comes. */
@RestController
@RequestMapping("/api/v1")
class EventResource {
  private static final String SSE = "text/event-stream";

  private final Migrations migrations;
  private final EventStream stream;
  private final Ids ids;
  private final ApiSettings settings;

  EventResource(Migrations migrations, EventStream stream, Ids ids, ApiSettings settings) {
    this.migrations = migrations;
    this.stream = stream;
    this.ids = ids;
    this.settings = settings;
  }

  /** A page; {@code next} is the {@code after} of the page that follows. */
  record Page(List<EventView> items, long next) {}

  /** What is asked for. */
  private record Wish(@Nullable MigrationId id, String path, long after, int limit) {}

  @GetMapping(path = "/events", params = "!follow")
  Answer all(HttpServletRequest request) {
    return page(wish(null, "/events", request));
  }

  @GetMapping(path = "/migrations/{m}/events", params = "!follow")
  Answer ofOne(@PathVariable String m, HttpServletRequest request) {
    MigrationId id = ids.find(m).migration().id();
    return page(wish(id, "/migrations/" + ids.cut(id) + "/events", request));
  }

  @GetMapping(
      path = "/events",
      params = "follow",
      produces = {"application/x-ndjson", SSE, "text/plain", "application/json"})
  void followAll(HttpServletRequest request, HttpServletResponse response) {
    follow(wish(null, "/events", request), request, response);
  }

  @GetMapping(
      path = "/migrations/{m}/events",
      params = "follow",
      produces = {"application/x-ndjson", SSE, "text/plain", "application/json"})
  void followOne(@PathVariable String m, HttpServletRequest request, HttpServletResponse response) {
    MigrationId id = ids.find(m).migration().id();
    follow(wish(id, "/migrations/" + ids.cut(id) + "/events", request), request, response);
  }

  @GetMapping(path = "/events", params = "!follow", produces = SSE)
  void eventSourceAll(HttpServletRequest request, HttpServletResponse response) {
    followAll(request, response);
  }

  @GetMapping(path = "/migrations/{m}/events", params = "!follow", produces = SSE)
  void eventSourceOne(
      @PathVariable String m, HttpServletRequest request, HttpServletResponse response) {
    followOne(m, request, response);
  }

  private Answer page(Wish wish) {
    List<EventView> events =
        migrations.history(wish.id(), wish.after(), wish.limit()).stream()
            .map(EventView::of)
            .toList();
    long next = events.isEmpty() ? wish.after() : events.getLast().seq();
    return new Answer(new Page(events, next), EventText.page(events, wish.path(), next));
  }

  private void follow(Wish wish, HttpServletRequest request, HttpServletResponse response) {
    stream.send(wish.id(), wish.after(), form(request), response);
  }

  private static EventStream.Form form(HttpServletRequest request) {
    String accept = request.getHeader("Accept");
    String query = request.getQueryString();
    boolean text = query != null && query.contains("o=text");
    if (text || (accept != null && accept.contains("text/plain"))) {
      return EventStream.Form.TEXT;
    }
    return accept != null && accept.contains(SSE) ? EventStream.Form.SSE : EventStream.Form.NDJSON;
  }

  private Wish wish(@Nullable MigrationId id, String path, HttpServletRequest request) {
    Given query = Given.query(request);
    query.flag("follow");
    long after = query.whole("after", 0, Long.MAX_VALUE, 0);
    long limit = query.whole("limit", 1, settings.pageMax(), settings.pageDefault());
    query.check();
    String seen = request.getHeader("Last-Event-ID");
    return new Wish(id, path, seen == null ? after : seq(seen), (int) limit);
  }

  private static long seq(String header) {
    if (!header.matches("[0-9]{1,18}")) {
      throw Refused.field("Last-Event-ID", Violation.BAD_VALUE, "is the seq of an event");
    }
    return Long.parseLong(header);
  }
}

package io.fermata.api.text;

import io.fermata.api.Json;
import io.fermata.api.view.EventView;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** Events as people read them: one line each. */
public final class EventText {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final String PROGRAM = "orchestrator";
  private static final double NANOS_PER_MILLI = 1e6;

  private EventText() {}

  /** One event. */
  public static String line(EventView event) {
    String by = event.actor().equals(PROGRAM) ? "" : " by " + event.actor();
    return Sheet.cut(
        event.seq()
            + " "
            + CLOCK.format(event.time())
            + " "
            + Sheet.cut(event.subject(), 8)
            + " "
            + event.type().replaceFirst("^migration\\.", "")
            + by
            + " "
            + what(event),
        Sheet.COLUMNS);
  }

  /** What it comes to, in words where it has a number of fields that nobody reads at once. */
  private static String what(EventView event) {
    JsonNode data = event.data();
    return switch (event.type()) {
      case "migration.submitted" ->
          word(data, "/vm") + " " + word(data, "/source") + "→" + word(data, "/destination");
      case "migration.moved" ->
          word(data, "/from") + " → " + word(data, "/to") + words(data, "/outcome", " ");
      case "migration.gate-opened" ->
          word(data, "/gate/name")
              + " after "
              + Times.millis(data.at("/gate/elapsedNanos").asDouble() / NANOS_PER_MILLI)
              + " ms, last "
              + word(data, "/gate/last");
      case "migration.failed" -> word(data, "/failure/code") + ": " + word(data, "/failure/detail");
      case "migration.abort-wished" -> word(data, "/wish/reason");
      case "migration.came-back" -> "dark for " + Times.millis(dark(data)) + " ms";
      case "migration.witnessed" -> word(data, "/receipt/kind");
      case "migration.taken-over" -> "epoch " + word(data, "/epoch/number");
      case "migration.timeline" ->
          data.at("/source").size() + data.at("/destination").size() + " hops are kept";
      case "drain.moving", "drain.moved", "drain.child-failed" ->
          word(data, "/vm") + " " + word(data, "/host") + words(data, "/destination", "→");
      case "drain.blocked", "drain.unblocked" ->
          word(data, "/code") + words(data, "/vm", " ") + words(data, "/detail", ": ");
      default -> data.isEmpty() ? "" : Json.text(data);
    };
  }

  private static double dark(JsonNode data) {
    double nanos = 0;
    for (JsonNode part : data.at("/blackout")) {
      nanos += part.asDouble();
    }
    return nanos / NANOS_PER_MILLI;
  }

  private static String word(JsonNode data, String place) {
    return words(data, place, "");
  }

  private static String words(JsonNode data, String place, String before) {
    String text = data.at(place).asString("");
    return text.isEmpty() ? "" : before + text;
  }

  /** What a stream says while nothing happens. */
  public static String heartbeat(Instant now) {
    return "# " + CLOCK.format(now) + " nothing new";
  }

  /** A page of events; {@code path} is where more of them are. */
  public static String page(List<EventView> events, String path, long after) {
    Sheet sheet = new Sheet();
    events.forEach(event -> sheet.line(line(event)));
    sheet.line(events.size() + " events");
    return sheet.next(events.isEmpty() ? Curl.follow(path) : Curl.get(path + "?after=" + after));
  }
}

package io.fermata.api.text;

import io.fermata.api.Json;
import io.fermata.api.view.EventView;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** Events as people read them: one line each. */
public final class EventText {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private EventText() {}

  /** One event. */
  public static String line(EventView event) {
    return Sheet.cut(
        event.seq()
            + " "
            + CLOCK.format(event.time())
            + " "
            + Sheet.cut(event.subject(), 12)
            + " "
            + event.type()
            + " by "
            + event.actor()
            + " "
            + Json.text(event.data()),
        Sheet.COLUMNS);
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

package io.fermata.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fermata.api.request.Given;
import io.fermata.api.text.TimelineSvg;
import io.fermata.api.text.TimelineText;
import io.fermata.api.view.Scenes;
import io.fermata.api.view.TimelineView;
import io.fermata.api.view.TraceView;
import io.fermata.migration.Live;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * Where the time went: as JSON, as text in two scales ({@code o=wide} with every hop), as a picture
 * ({@code o=svg}) and for the trace viewers of Chrome and Perfetto ({@code o=trace}).
 */
@RestController
class TimelineResource {
  private static final MediaType SVG = new MediaType("image", "svg+xml", UTF_8);

  private final Ids ids;
  private final Scenes scenes;

  TimelineResource(Ids ids, Scenes scenes) {
    this.ids = ids;
    this.scenes = scenes;
  }

  @GetMapping("/api/v1/migrations/{m}/timeline")
  ResponseEntity<Object> timeline(@PathVariable String m, HttpServletRequest request) {
    Given.query(request).check();
    Live live = ids.find(m);
    TimelineView view = TimelineView.of(scenes.of(live));
    String id = ids.cut(live.migration().id());
    return switch (form(request)) {
      case "svg" -> picture(TimelineSvg.of(view, id));
      case "trace" ->
          ResponseEntity.ok()
              .contentType(MediaType.APPLICATION_JSON)
              .header("Content-Disposition", "inline; filename=\"" + id + ".trace.json\"")
              .body(Json.bytes(TraceView.of(view)));
      case "wide" -> ResponseEntity.ok(new Answer(view, TimelineText.wide(view, id)));
      default -> ResponseEntity.ok(new Answer(view, TimelineText.of(view, id)));
    };
  }

  private static String form(HttpServletRequest request) {
    @Nullable String form = request.getParameter("o");
    return form == null ? "" : form;
  }

  private static ResponseEntity<Object> picture(String svg) {
    return ResponseEntity.ok()
        .contentType(SVG)
        .header("Content-Security-Policy", "default-src 'none'")
        .header("X-Content-Type-Options", "nosniff")
        .body(svg.getBytes(UTF_8));
  }
}

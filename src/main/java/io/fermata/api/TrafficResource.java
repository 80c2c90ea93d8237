package io.fermata.api;

import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.api.problem.Violation;
import io.fermata.api.request.Bodies;
import io.fermata.api.request.Given;
import io.fermata.api.request.Moment;
import io.fermata.api.text.TrafficText;
import io.fermata.api.view.TrafficView.AdmissionJson;
import io.fermata.api.view.TrafficView.LimitsJson;
import io.fermata.api.view.TrafficView.QueueJson;
import io.fermata.migration.Intake;
import io.fermata.migration.Limits;
import io.fermata.migration.Traffic;
import io.fermata.migration.Traffic.Written;
import jakarta.servlet.http.HttpServletRequest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Limits, queue, admission: why something waits, and what an administrator may do about it. */
@RestController
@RequestMapping("/api/v1")
class TrafficResource {
  private static final Duration EXPIRY_MAX = Duration.ofDays(30);
  private static final List<String> LIMITS =
      List.of("cluster", "perSource", "perDestination", "perPair", "blackouts", "queued");

  private final Traffic traffic;
  private final Ids ids;
  private final Results results;
  private final InstantSource time;

  TrafficResource(Traffic traffic, Ids ids, Results results, InstantSource time) {
    this.traffic = traffic;
    this.ids = ids;
    this.results = results;
    this.time = time;
  }

  @GetMapping("/limits")
  ResponseEntity<Answer> limits(HttpServletRequest request) {
    Given.query(request).check();
    return limits();
  }

  private ResponseEntity<Answer> limits() {
    LimitsJson view = LimitsJson.of(traffic.view());
    return ResponseEntity.ok()
        .eTag(IfMatch.tag(view.version()))
        .body(new Answer(view, TrafficText.limits(view)));
  }

  /** What the body leaves out stays as it is. */
  @PutMapping("/limits")
  ResponseEntity<Answer> setLimits(HttpServletRequest request) {
    Given.query(request).check();
    Given body = Bodies.of(request);
    Limits now = traffic.view().limits().value();
    if (LIMITS.stream().noneMatch(body::has)) {
      body.note("cluster", Violation.MISSING, "is missing, and every other limit too");
    }
    Limits to =
        new Limits(
            limit(body, "cluster", now.cluster()),
            limit(body, "perSource", now.perSource()),
            limit(body, "perDestination", now.perDestination()),
            limit(body, "perPair", now.perPair()),
            limit(body, "blackouts", now.blackouts()),
            limit(body, "queued", now.queued()));
    body.check();
    long version = IfMatch.version(request, "limits", traffic.view().limits().version());
    done(results.settled(traffic.limits(to, version, Actor.of(request))), "/limits");
    return limits();
  }

  private static int limit(Given body, String name, int now) {
    return Math.clamp(body.whole(name, 1, Limits.MOST, now), 1, Limits.MOST);
  }

  @GetMapping("/queue")
  Answer queue(HttpServletRequest request) {
    Given.query(request).check();
    Traffic.View view = traffic.view();
    QueueJson queue = QueueJson.of(view, ids::cut);
    String text = TrafficText.queue(queue, TrafficText.footer(view), ids::cut, time.instant());
    return new Answer(queue, text);
  }

  @GetMapping("/admission")
  Answer admission(HttpServletRequest request) {
    Given.query(request).check();
    return admission();
  }

  private Answer admission() {
    AdmissionJson view = AdmissionJson.of(traffic.view());
    return new Answer(view, TrafficText.admission(view, time.instant()));
  }

  /** Pauses new starts, or opens them again. What is under way goes on. */
  @PutMapping("/admission")
  Answer setAdmission(HttpServletRequest request) {
    Given.query(request).check();
    Given body = Bodies.of(request);
    body.required("state");
    body.required("reason");
    Intake.State state = body.word("state", Intake.State.class);
    String reason = StartRequest.reason(body);
    Instant now = time.instant();
    Long expires = body.value("expiry", text -> expiry(text, now));
    if (state == Intake.State.OPEN && expires != null) {
      body.note("expiry", Violation.BAD_VALUE, "has a meaning with state=paused only");
    }
    body.check();
    Intake to =
        new Intake(
            state == null ? Intake.State.OPEN : state,
            reason,
            Actor.of(request),
            now.toEpochMilli(),
            expires);
    done(results.settled(traffic.intake(to)), "/admission");
    return admission();
  }

  /** A time to come, or how long from now. */
  private static Long expiry(String text, Instant now) {
    Instant end = moment(text, now);
    if (!end.isAfter(now) || end.isAfter(now.plus(EXPIRY_MAX))) {
      throw new IllegalArgumentException(
          "must be later than now, by " + EXPIRY_MAX.toDays() + " days at most");
    }
    return end.toEpochMilli();
  }

  private static Instant moment(String text, Instant now) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException noTime) {
      return now.plus(Moment.duration(text));
    }
  }

  private static <T> void done(Written<T> written, String path) {
    switch (written) {
      case Written.Outdated<T> outdated ->
          throw Refused.because(
              ProblemCode.STALE_VERSION,
              "it is at version " + outdated.present() + " now; look at it: curl $F" + path);
      case Written.Unavailable<T> down ->
          throw Refused.because(ProblemCode.JOURNAL_UNAVAILABLE, down.detail());
      case Written.Done<T> ok -> {}
    }
  }
}

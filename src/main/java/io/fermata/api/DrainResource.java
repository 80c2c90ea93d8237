package io.fermata.api;

import io.fermata.api.problem.Problem;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.api.problem.Violation;
import io.fermata.api.request.Bodies;
import io.fermata.api.request.Given;
import io.fermata.api.request.IdempotencyKey;
import io.fermata.api.text.DrainText;
import io.fermata.api.view.DrainView;
import io.fermata.drain.Drain;
import io.fermata.drain.DrainId;
import io.fermata.drain.DrainSettings;
import io.fermata.drain.Drains;
import io.fermata.drain.Drains.Result;
import io.fermata.drain.PowerOff;
import io.fermata.fleet.Fleet;
import io.fermata.handover.HostName;
import io.fermata.migration.Migrations;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Evacuates hosts: first the dry run, which says who would go where and what is in the way. */
@RestController
@RequestMapping("/api/v1/drains")
class DrainResource {
  private static final String PATH = "/api/v1/drains/";
  private static final int SHORTEST = 4;

  private final Drains drains;
  private final Fleet fleet;
  private final ApiSettings api;
  private final DrainSettings settings;
  private final Replays replays;
  private final InstantSource time;

  DrainResource(
      Drains drains,
      Fleet fleet,
      ApiSettings api,
      DrainSettings settings,
      Replays replays,
      InstantSource time) {
    this.drains = drains;
    this.fleet = fleet;
    this.api = api;
    this.settings = settings;
    this.replays = replays;
    this.time = time;
  }

  /** A page, the newest first. */
  record Page(List<DrainView> items, @Nullable String cursor) {}

  @PostMapping
  ResponseEntity<Answer> start(HttpServletRequest request) {
    Given query = Given.query(request);
    boolean dryRun = query.flag("dryRun");
    query.check();
    Given body = Bodies.of(request);
    Migrations.Key key = IdempotencyKey.of(request, Actor.of(request), "POST /drains", body);
    DrainRequest wanted = DrainRequest.read(body, api, settings.concurrency(), fleet);
    var wish =
        new Drains.Wish(wanted.host(), wanted.terms(), Actor.of(request), wanted.reason(), key);
    if (dryRun) {
      DrainView view = DrainView.preview(drains.preview(wish), now());
      return ResponseEntity.ok(new Answer(view, DrainText.one(view, cut(), now())));
    }
    Result.Taken taken = taken(drains.start(wish));
    var response =
        ResponseEntity.accepted().location(URI.create(PATH + taken.drain().id().value()));
    if (taken.replayed()) {
      response.header(IdempotencyKey.REPLAYED, "true");
    }
    return response.body(answer(taken.drain(), null));
  }

  @GetMapping
  Answer list(HttpServletRequest request) {
    Given query = Given.query(request);
    HostName host = query.value("host", HostName::new);
    Drain.Phase phase = query.word("phase", Drain.Phase.class);
    String cursor = query.text("cursor");
    int limit = (int) query.whole("limit", 1, api.pageMax(), api.pageDefault());
    query.check();
    List<Drain> all =
        drains.all().stream()
            .filter(drain -> host == null || drain.host().equals(host))
            .filter(drain -> phase == null || drain.phase() == phase)
            .toList();
    int from = cursor == null ? 0 : after(all, cursor);
    List<Drain> page = all.subList(from, Math.min(all.size(), from + limit));
    String next = from + limit < all.size() ? page.getLast().id().value() : null;
    List<DrainView> items = page.stream().map(drain -> DrainView.of(drain, null, now())).toList();
    return new Answer(new Page(items, next), DrainText.list(items, next, cut(), now()));
  }

  private static int after(List<Drain> all, String cursor) {
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).id().value().equals(cursor)) {
        return i + 1;
      }
    }
    throw Refused.field("cursor", Violation.BAD_VALUE, "is none that a page before gave");
  }

  /** Asks the host's agent whether it may be switched off. */
  @GetMapping("/{d}")
  ResponseEntity<Answer> show(@PathVariable String d, HttpServletRequest request) {
    Given.query(request).check();
    Drain drain = find(d);
    PowerOff judged = drains.powerOff(drain.host(), Set.copyOf(drain.terms().exclude()));
    return ResponseEntity.ok().eTag(IfMatch.tag(drain.version())).body(answer(drain, judged));
  }

  @PostMapping("/{d}/pause")
  ResponseEntity<Answer> pause(@PathVariable String d, HttpServletRequest request) {
    Given.query(request).check();
    return command(d, "pause", request, HttpStatus.OK, id -> drains.pause(id, Actor.of(request)));
  }

  /** Goes on; on one that goes on it tries again what had failed too often or was aborted. */
  @PostMapping("/{d}/resume")
  ResponseEntity<Answer> resume(@PathVariable String d, HttpServletRequest request) {
    Given.query(request).check();
    return command(d, "resume", request, HttpStatus.OK, id -> drains.resume(id, Actor.of(request)));
  }

  /** What becomes of its migrations. */
  enum ChildrenFate {
    ABORT,
    KEEP
  }

  @PostMapping("/{d}/cancel")
  ResponseEntity<Answer> cancel(@PathVariable String d, HttpServletRequest request) {
    Given query = Given.query(request);
    boolean abort = query.word("children", ChildrenFate.class) == ChildrenFate.ABORT;
    query.check();
    String reason = StartRequest.reason(Bodies.of(request));
    var wish = new Drain.Cancel(Actor.of(request), reason, abort);
    String what = "cancel?children=" + abort;
    return command(d, what, request, HttpStatus.ACCEPTED, id -> drains.cancel(id, wish));
  }

  private interface Command {
    Result run(DrainId id);
  }

  private ResponseEntity<Answer> command(
      String d, String what, HttpServletRequest request, HttpStatus status, Command command) {
    DrainId id = find(d).id();
    Given body = Bodies.of(request);
    StartRequest.reason(body);
    body.check();
    Migrations.Key key =
        IdempotencyKey.of(request, Actor.of(request), "POST /drains/" + id + "/" + what, body);
    Supplier<String> deed = () -> taken(command.run(id)).drain().id().value();
    Replays.Kept kept = replays.once(key, deed);
    return ResponseEntity.status(status)
        .headers(kept.headers())
        .body(answer(find(id.value()), null));
  }

  private Result.Taken taken(Result result) {
    return switch (result) {
      case Result.Taken taken -> taken;
      case Result.Exists other ->
          throw new Refused(
              Problem.of(
                      ProblemCode.DRAIN_EXISTS,
                      other.drain().id() + " drains it since " + other.drain().actor() + " asked")
                  .onHost(other.drain().host().value())
                  .withNext("curl $F/drains/" + cut().apply(other.drain().id().value())));
      case Result.NotNow late ->
          throw new Refused(
              Problem.of(ProblemCode.DRAIN_ENDED, "it is " + late.drain().phase())
                  .inPhase(late.drain().phase().name())
                  .withNext("curl $F/drains/" + cut().apply(late.drain().id().value())));
      case Result.KeyReused reused -> throw Results.reused(reused.key());
      case Result.Unavailable down ->
          throw Refused.because(ProblemCode.JOURNAL_UNAVAILABLE, down.detail());
    };
  }

  private Drain find(String beginning) {
    List<Drain> all = drains.all();
    List<Drain> found =
        all.stream().filter(drain -> drain.id().value().startsWith(beginning)).toList();
    if (found.size() > 1) {
      List<String> ids = found.stream().limit(10).map(drain -> drain.id().value()).toList();
      throw new Refused(
          Problem.of(
                  ProblemCode.AMBIGUOUS_ID,
                  "'" + beginning + "' could be " + String.join(", ", ids))
              .withCandidates(ids));
    }
    return found.stream()
        .findFirst()
        .orElseThrow(() ->
            new Refused(
                Problem.of(ProblemCode.UNKNOWN_DRAIN, "no drain's id begins so")
                    .withNext("curl $F/drains")));
  }

  private Answer answer(Drain drain, @Nullable PowerOff judged) {
    DrainView view = DrainView.of(drain, judged, now());
    return new Answer(view, DrainText.one(view, cut(), now()));
  }

  private Instant now() {
    return time.instant();
  }

  /** The shortest beginning of a drain's id that still names it; a migration's is cut evenly. */
  private UnaryOperator<String> cut() {
    List<String> all = drains.all().stream().map(drain -> drain.id().value()).toList();
    return id -> {
      int length = all.contains(id) ? SHORTEST : 2 * SHORTEST;
      while (length < id.length() && named(all, id.substring(0, length)) > 1) {
        length++;
      }
      return id.substring(0, Math.min(id.length(), length));
    };
  }

  private static long named(List<String> ids, String beginning) {
    return ids.stream().filter(id -> id.startsWith(beginning)).count();
  }
}

package io.fermata.api;

import io.fermata.api.access.Tenancy;
import io.fermata.api.problem.Refused;
import io.fermata.api.problem.Violation;
import io.fermata.api.request.Bodies;
import io.fermata.api.request.Given;
import io.fermata.api.request.IdempotencyKey;
import io.fermata.api.request.Moment;
import io.fermata.api.text.ExplainText;
import io.fermata.api.text.MigrationText;
import io.fermata.api.text.TrafficText;
import io.fermata.api.view.ExplainView;
import io.fermata.api.view.MigrationView;
import io.fermata.api.view.PlanView;
import io.fermata.api.view.Scene;
import io.fermata.api.view.Scenes;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Live;
import io.fermata.migration.Migrations;
import io.fermata.migration.Migrations.Filter;
import io.fermata.migration.Migrations.Page;
import io.fermata.migration.Migrations.Result;
import io.fermata.migration.Migrations.Submission;
import io.fermata.migration.Outcome;
import io.fermata.migration.Phase;
import io.fermata.migration.Priority;
import io.fermata.migration.Traffic;
import jakarta.servlet.http.HttpServletRequest;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Migrations: start, list, show, change. */
@RestController
@RequestMapping("/api/v1/migrations")
class MigrationResource {
  /** Bytes per second; an agent takes no smaller limit. */
  private static final long BANDWIDTH_MIN = 8 << 20;

  private static final long BANDWIDTH_MAX = 1L << 50;
  private final Migrations migrations;
  private final Orders orders;
  private final Ids ids;
  private final Results results;
  private final Replays replays;
  private final Scenes scenes;
  private final Answers answers;
  private final Waiting waiting;
  private final ApiSettings settings;
  private final Traffic traffic;
  private final InstantSource time;
  private final Tenancy tenancy;

  MigrationResource(
      Migrations migrations,
      Orders orders,
      Ids ids,
      Results results,
      Replays replays,
      Scenes scenes,
      Answers answers,
      Waiting waiting,
      ApiSettings settings,
      Traffic traffic,
      InstantSource time,
      Tenancy tenancy) {
    this.migrations = migrations;
    this.orders = orders;
    this.ids = ids;
    this.results = results;
    this.replays = replays;
    this.scenes = scenes;
    this.answers = answers;
    this.waiting = waiting;
    this.settings = settings;
    this.traffic = traffic;
    this.time = time;
    this.tenancy = tenancy;
  }

  @PostMapping
  ResponseEntity<Answer> start(HttpServletRequest request) {
    Given query = Given.query(request);
    boolean dryRun = query.flag("dryRun");
    boolean noWait = query.flag("noWait");
    query.check();
    Given body = Bodies.of(request);
    if (noWait) {
      Results.requireOpen(traffic.view());
    }
    return dryRun ? plan(request, body) : start(request, body);
  }

  private ResponseEntity<Answer> plan(HttpServletRequest request, Given body) {
    Migrations.Key key =
        IdempotencyKey.of(request, Actor.of(request), "POST /migrations?dryRun", body);
    Replays.Kept kept = replays.once(key, () -> Json.text(plan(body)));
    return Answers.plan(kept);
  }

  private PlanView plan(Given body) {
    return orders.of(body).orRefuse().plan(time.instant().plus(settings.planValid()));
  }

  private ResponseEntity<Answer> start(HttpServletRequest request, Given body) {
    Migrations.Key key = IdempotencyKey.of(request, Actor.of(request), "POST /migrations", body);
    Optional<Result> earlier = key == null ? Optional.empty() : migrations.answered(key);
    if (earlier.isPresent()) {
      return answers.accepted(results.taken(earlier.get()));
    }
    Submission submission =
        new Submission(orders.of(body).orRefuse().order(), Actor.of(request), "api", 1, null, key);
    return answers.accepted(results.taken(results.await(migrations.submit(submission))));
  }

  @GetMapping
  Answer list(HttpServletRequest request) {
    Given query = Given.query(request);
    Filter filter = filter(query);
    int limit = (int) query.whole("limit", 1, settings.pageMax(), settings.pageDefault());
    String cursor = query.text("cursor");
    query.check();
    Page page = page(filter, cursor, limit);
    List<Scene> items =
        page.items().stream()
            .filter(live -> tenancy.sees(live.migration().order().vm()))
            .map(scenes::of)
            .toList();
    String more = page.cursor();
    return new Answer(
        new ListView(items.stream().map(MigrationView::of).toList(), more),
        MigrationText.list(items, ids::cut, TrafficText.footer(traffic.view()), more));
  }

  /** A page as programs see it; without a cursor it is the last one. */
  record ListView(List<MigrationView> items, @Nullable String cursor) {}

  @GetMapping("/{m}")
  Answer show(@PathVariable String m, HttpServletRequest request) {
    Given query = Given.query(request);
    Waiting.Wish wish = waiting.read(query);
    query.check();
    return answers.of(waiting.until(ids.find(m), wish));
  }

  @GetMapping("/{m}/explain")
  Answer explain(@PathVariable String m, HttpServletRequest request) {
    Given.query(request).check();
    Live live = ids.find(m);
    ExplainView view = ExplainView.of(scenes.of(live));
    return new Answer(view, ExplainText.of(view, ids.cut(live.migration().id())));
  }

  @PatchMapping("/{m}")
  Answer change(@PathVariable String m, HttpServletRequest request) {
    Given.query(request).check();
    Live live = ids.find(m);
    Given body = Bodies.of(request);
    boolean budget = body.has("blackoutBudgetMs");
    boolean bandwidth = body.has("bandwidth");
    if (!budget && !bandwidth && !body.has("priority")) {
      String what = "or bandwidth or priority is missing: one can be changed";
      body.note("blackoutBudgetMs", Violation.MISSING, what);
    }
    Priority priority = body.word("priority", Priority.class);
    long millis = body.whole("blackoutBudgetMs", 0, settings.budgetMillisMax(), 0);
    long bytes = body.whole("bandwidth", 0, BANDWIDTH_MAX, 0);
    if (bytes > 0 && bytes < BANDWIDTH_MIN) {
      body.note("bandwidth", Violation.BAD_VALUE, "must be 0 or at least " + BANDWIDTH_MIN);
    }
    body.check();
    MigrationId id = live.migration().id();
    String actor = Actor.of(request);
    // the priority first: where it comes too late nothing is changed
    if (priority != null) {
      results.taken(results.await(migrations.priority(id, actor, priority)));
    }
    if (budget) {
      results.taken(results.await(migrations.budget(id, actor, millis)));
    }
    if (bandwidth) {
      results.taken(results.await(migrations.bandwidth(id, actor, bytes)));
    }
    return answers.now(ids.find(id.value()).migration());
  }

  private Filter filter(Given query) {
    var now = time.instant();
    return new Filter(
        query.text("vm"),
        query.text("host"),
        query.value("phase", MigrationResource::phase),
        name(query.word("outcome", Outcome.class)),
        query.value("since", text -> Moment.millis(text, now)),
        query.value("until", text -> Moment.millis(text, now)));
  }

  private Page page(Filter filter, @Nullable String cursor, int limit) {
    try {
      return migrations.list(filter, cursor, limit);
    } catch (IllegalArgumentException e) {
      throw Refused.field("cursor", Violation.BAD_VALUE, "is not one that this server gave");
    }
  }

  private static @Nullable String name(@Nullable Outcome outcome) {
    return outcome == null ? null : outcome.name();
  }

  /** {@code active}, or a phase in any case. */
  private static String phase(String text) {
    if (text.equalsIgnoreCase("active")) {
      return "active";
    }
    String upper = text.toUpperCase(Locale.ROOT);
    for (Phase phase : Phase.values()) {
      if (phase.name().equals(upper)) {
        return upper;
      }
    }
    throw new IllegalArgumentException(
        "must be active or one of " + List.of(Phase.values()).toString().toLowerCase(Locale.ROOT));
  }
}

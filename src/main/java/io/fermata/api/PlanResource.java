package io.fermata.api;

import io.fermata.api.request.Bodies;
import io.fermata.api.request.Given;
import io.fermata.api.request.IdempotencyKey;
import io.fermata.api.view.PlanView;
import io.fermata.migration.Migrations;
import jakarta.servlet.http.HttpServletRequest;
import java.time.InstantSource;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Plans: what would happen. */
@RestController
@RequestMapping("/api/v1/plans")
class PlanResource {
  private final Orders orders;
  private final Replays replays;
  private final ApiSettings settings;
  private final InstantSource time;

  PlanResource(Orders orders, Replays replays, ApiSettings settings, InstantSource time) {
    this.orders = orders;
    this.replays = replays;
    this.settings = settings;
    this.time = time;
  }

  /** Answers also when a check forbids the migration: then the plan says so. */
  @PostMapping
  ResponseEntity<Answer> plan(HttpServletRequest request) {
    Given.query(request).check();
    Given body = Bodies.of(request);
    Migrations.Key key = IdempotencyKey.of(request, Actor.of(request), "POST /plans", body);
    Replays.Kept kept = replays.once(key, () -> Json.text(plan(body)));
    return Answers.plan(kept);
  }

  private PlanView plan(Given body) {
    return orders.of(body).plan(time.instant().plus(settings.planValid()));
  }
}

package io.fermata.api;

import io.fermata.api.request.Bodies;
import io.fermata.api.request.Given;
import io.fermata.api.request.IdempotencyKey;
import io.fermata.api.view.PlanView;
import jakarta.servlet.http.HttpServletRequest;
import java.time.InstantSource;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Plans: what would happen. */
@RestController
@RequestMapping("/api/v1/plans")
class PlanResource {
  private final Orders orders;
  private final ApiSettings settings;
  private final InstantSource time;

  PlanResource(Orders orders, ApiSettings settings, InstantSource time) {
    this.orders = orders;
    this.settings = settings;
    this.time = time;
  }

  /** Answers also when a check forbids the migration: then the plan says so. */
  @PostMapping
  Answer plan(HttpServletRequest request) {
    Given.query(request).check();
    IdempotencyKey.check(request);
    Orders.Prepared prepared = orders.of(Bodies.of(request));
    PlanView plan = prepared.plan(time.instant().plus(settings.planValid()));
    return new Answer(plan, plan.text());
  }
}

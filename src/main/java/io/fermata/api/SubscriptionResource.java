package io.fermata.api;

import io.fermata.api.problem.Problem;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.api.problem.Violation;
import io.fermata.api.request.Bodies;
import io.fermata.api.request.Given;
import io.fermata.api.text.Curl;
import io.fermata.api.text.Sheet;
import io.fermata.api.text.SubscriptionText;
import io.fermata.api.view.SubscriptionView;
import io.fermata.webhook.Subscription;
import io.fermata.webhook.Webhooks;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Webhooks: who is sent what, what could not be delivered, and once more. */
@RestController
@RequestMapping("/api/v1/subscriptions")
class SubscriptionResource {
  private static final int TYPES_MAX = 50;
  private static final int SECRET_LEAST = 16;
  private static final int SECRET_MOST = 256;

  private final Webhooks webhooks;

  SubscriptionResource(Webhooks webhooks) {
    this.webhooks = webhooks;
  }

  /** All of them. */
  record Items(List<SubscriptionView> items) {}

  /** What is told only once. */
  record Secret(String id, String secret) {}

  /** How many dead letters were taken now. */
  record Redelivery(String id, @Nullable Long after, @Nullable Integer taken) {}

  @GetMapping
  Answer list(HttpServletRequest request) {
    Given.query(request).check();
    List<SubscriptionView> items = webhooks.list().stream().map(SubscriptionView::of).toList();
    return new Answer(new Items(items), SubscriptionText.list(items));
  }

  @GetMapping("/{s}")
  Answer show(@PathVariable String s, HttpServletRequest request) {
    Given.query(request).check();
    SubscriptionView view = SubscriptionView.of(found(s));
    return new Answer(view, SubscriptionText.one(view));
  }

  /** The answer has the secret; it is shown this once. */
  @PostMapping
  ResponseEntity<Answer> subscribe(HttpServletRequest request) {
    Given.query(request).check();
    Given body = Bodies.of(request);
    body.required("url");
    String url = body.value("url", this::allowed);
    String types = body.text("types");
    String secret = body.value("secret", SubscriptionResource::strong);
    body.check();
    if (webhooks.off()) {
      throw off();
    }
    Subscription made =
        webhooks.subscribe(Objects.requireNonNull(url), types(types), secret, Actor.of(request));
    return ResponseEntity.created(URI.create("/api/v1/subscriptions/" + made.id()))
        .body(secret(made));
  }

  private static Answer secret(Subscription made) {
    String secret = made.secrets().getFirst();
    Sheet sheet = new Sheet();
    sheet.line(made.id() + "  " + made.url());
    sheet.line("secret " + secret);
    sheet.line("keep it: it is not shown again");
    String text = sheet.next(Curl.get("/subscriptions/" + made.id()));
    return new Answer(new Secret(made.id(), secret), text);
  }

  /** A new secret; the one before it stays good until the next change. */
  @PostMapping("/{s}/rotate")
  Answer rotate(@PathVariable String s, HttpServletRequest request) {
    Given.query(request).check();
    Bodies.of(request).check();
    found(s);
    return secret(webhooks.rotate(s).orElseThrow(() -> unknown()));
  }

  /** What came after a seq, or with none the dead letters. */
  @PostMapping("/{s}/redeliver")
  Answer redeliver(@PathVariable String s, HttpServletRequest request) {
    Given.query(request).check();
    Given body = Bodies.of(request);
    boolean from = body.has("after");
    long after = body.whole("after", 0, Long.MAX_VALUE, 0);
    body.check();
    found(s);
    Redelivery answer;
    String words;
    if (from) {
      webhooks.redeliver(s, after);
      answer = new Redelivery(s, after, null);
      words = "everything after " + after + " is delivered again";
    } else {
      int taken = webhooks.revive(s);
      answer = new Redelivery(s, null, taken);
      words = taken + " dead letters were taken now";
    }
    return new Answer(answer, new Sheet().line(words).next(Curl.get("/subscriptions/" + s)));
  }

  @DeleteMapping("/{s}")
  ResponseEntity<Void> end(@PathVariable String s, HttpServletRequest request) {
    Given.query(request).check();
    if (!webhooks.end(s)) {
      throw unknown();
    }
    return ResponseEntity.noContent().build();
  }

  private Webhooks.Listed found(String id) {
    return webhooks.show(id).orElseThrow(SubscriptionResource::unknown);
  }

  private static Refused unknown() {
    return new Refused(
        Problem.of(ProblemCode.UNKNOWN_SUBSCRIPTION, "there is no such subscription")
            .withNext("curl $F/subscriptions"));
  }

  private static Refused off() {
    return Refused.because(
        ProblemCode.WEBHOOKS_OFF,
        "no place may be sent to: an administrator names origins in fermata.webhooks.allow");
  }

  private String allowed(String url) {
    if (webhooks.off()) {
      throw off();
    }
    webhooks.check(url);
    return url;
  }

  private static String strong(String secret) {
    if (secret.length() < SECRET_LEAST || secret.length() > SECRET_MOST) {
      throw new Refused(
          Problem.of(
              ProblemCode.INVALID_REQUEST,
              List.of(
                  Violation.of(
                      "secret",
                      Violation.OUT_OF_RANGE,
                      "must have " + SECRET_LEAST + " to " + SECRET_MOST + " characters"))));
    }
    return secret;
  }

  private static List<String> types(@Nullable String given) {
    if (given == null || given.isBlank()) {
      return List.of();
    }
    List<String> types = List.of(given.strip().split("[ ,]+"));
    boolean odd = types.stream().anyMatch(type -> !type.matches("[a-z0-9.-]{1,100}"));
    if (odd || types.size() > TYPES_MAX) {
      throw Refused.field(
          "types",
          Violation.BAD_VALUE,
          "are up to " + TYPES_MAX + " CloudEvents types, or beginnings of them, with commas");
    }
    return types;
  }
}

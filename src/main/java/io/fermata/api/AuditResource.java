package io.fermata.api;

import io.fermata.api.problem.Refused;
import io.fermata.api.problem.Violation;
import io.fermata.api.request.Given;
import io.fermata.api.request.Moment;
import io.fermata.api.text.AuditText;
import io.fermata.api.view.AuditView;
import io.fermata.audit.AuditPage;
import io.fermata.audit.AuditTrail;
import io.fermata.audit.Deed;
import io.fermata.audit.Verification;
import jakarta.servlet.http.HttpServletRequest;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Who did what: the records, newest first, and the proof that none was changed. */
@RestController
@RequestMapping("/api/v1/audit")
class AuditResource {
  private final AuditTrail trail;
  private final ApiSettings settings;
  private final InstantSource time;

  AuditResource(AuditTrail trail, ApiSettings settings, InstantSource time) {
    this.trail = trail;
    this.settings = settings;
    this.time = time;
  }

  /** A page as programs see it; without a cursor it is the last one. */
  record ListView(List<AuditView> items, @Nullable String cursor) {}

  @GetMapping
  Answer list(HttpServletRequest request) {
    Given query = Given.query(request);
    var now = time.instant();
    AuditPage.Wish wish =
        new AuditPage.Wish(
            query.text("actor"),
            query.text("action"),
            query.text("subject"),
            query.word("decision", Deed.Decision.class),
            query.value("since", text -> Moment.millis(text, now)),
            query.value("until", text -> Moment.millis(text, now)));
    int limit = (int) query.whole("limit", 1, settings.pageMax(), settings.pageDefault());
    String cursor = query.text("cursor");
    query.check();
    AuditPage page = page(wish, cursor, limit);
    List<AuditView> items = page.items().stream().map(AuditView::of).toList();
    return new Answer(new ListView(items, page.cursor()), AuditText.page(items, page.cursor()));
  }

  private AuditPage page(AuditPage.Wish wish, @Nullable String cursor, int limit) {
    try {
      return trail.list(wish, cursor, limit);
    } catch (IllegalArgumentException e) {
      throw Refused.field("cursor", Violation.BAD_VALUE, "is not one that this server gave");
    }
  }

  @GetMapping("/verify")
  Answer verify(HttpServletRequest request) {
    Given.query(request).check();
    Verification found = trail.verify();
    return new Answer(found, AuditText.verification(found));
  }
}

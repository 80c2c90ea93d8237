package io.fermata.api;

import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.api.problem.Violation;
import io.fermata.api.request.Bodies;
import io.fermata.api.request.Given;
import io.fermata.api.text.Curl;
import io.fermata.api.text.InventoryText;
import io.fermata.api.text.Sheet;
import io.fermata.api.view.InventoryView.HostJson;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostMarks;
import io.fermata.fleet.HostView;
import io.fermata.handover.HostName;
import io.fermata.migration.DryRuns;
import io.fermata.migration.HostOrders;
import io.fermata.migration.HostOrders.Order;
import io.fermata.migration.Live;
import io.fermata.migration.Migration;
import io.fermata.migration.Migrations;
import io.fermata.migration.Migrations.Filter;
import io.fermata.migration.Migrations.Page;
import io.fermata.migration.Migrations.Result;
import io.fermata.migration.Phase;
import io.fermata.migration.Traffic.Written;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * What operators say of hosts. A cordon keeps new migrations from coming; a quarantine keeps the
 * agent out of everything new, and gives up what has not gone dark yet: so first the dry run, which
 * lists that, then the same with the word and the version that it gave out. What is in the dark
 * goes on to its end: to stop half-way would be the greater harm.
 */
@RestController
@RequestMapping("/api/v1/hosts/{h}")
class HostOrdersResource {
  private static final int MOST = 10_000;
  private static final int PAGE = 500;
  private static final Set<Phase> BEFORE_DARK =
      EnumSet.of(Phase.QUEUED, Phase.CHECKING, Phase.PREPARING, Phase.PRECOPYING);

  private final Fleet fleet;
  private final HostOrders orders;
  private final Migrations migrations;
  private final Results results;
  private final InstantSource time;
  private final Words<Shown> words;

  /** What a dry run showed. */
  record Shown(HostName host, long version) {}

  /**
   * What a quarantine comes to.
   *
   * @param confirm what the real call has to show; null in its answer
   * @param version of the host's marks, for {@code If-Match}
   * @param items migrations that have not gone dark, and what becomes of them
   */
  record QuarantineJson(
      HostJson host,
      @Nullable String confirm,
      long version,
      List<BulkAbortResource.AbortJson> items) {}

  HostOrdersResource(
      Fleet fleet,
      HostOrders orders,
      Migrations migrations,
      Results results,
      DryRuns dryRuns,
      InstantSource time) {
    this.fleet = fleet;
    this.orders = orders;
    this.migrations = migrations;
    this.results = results;
    this.time = time;
    this.words = new Words<>(dryRuns, results, "quarantine", Shown.class);
  }

  @PostMapping("/cordon")
  Answer cordon(@PathVariable String h, HttpServletRequest request) {
    return said(h, Order.CORDONED, request);
  }

  @PostMapping("/uncordon")
  Answer uncordon(@PathVariable String h, HttpServletRequest request) {
    return said(h, Order.UNCORDONED, request);
  }

  @PostMapping("/unquarantine")
  Answer unquarantine(@PathVariable String h, HttpServletRequest request) {
    return said(h, Order.UNQUARANTINED, request);
  }

  /** These lose nothing and may be repeated: whoever came last is right. */
  private Answer said(String h, Order order, HttpServletRequest request) {
    Given.query(request).check();
    HostName host = HostResource.known(fleet, h).name();
    Given body = Bodies.of(request);
    body.required("reason");
    String reason = StartRequest.reason(body);
    body.check();
    say(host, order, mark(request, reason), orders.marks(host).version());
    return shown(host);
  }

  private HostMarks.Mark mark(HttpServletRequest request, @Nullable String reason) {
    return new HostMarks.Mark(Actor.of(request), Objects.requireNonNull(reason), time.millis());
  }

  private void say(HostName host, Order order, HostMarks.Mark by, long version) {
    done(host, results.settled(orders.say(host, order, by, version)));
  }

  /**
   * Sees that it was written.
   *
   * @throws Refused if it was not
   */
  static void done(HostName host, Written<HostMarks> written) {
    switch (written) {
      case Written.Outdated<HostMarks> outdated ->
          throw Refused.because(
              ProblemCode.STALE_VERSION,
              host
                  + " is at version "
                  + outdated.present()
                  + " now; look at it: curl $F/hosts/"
                  + host);
      case Written.Unavailable<HostMarks> down ->
          throw Refused.because(ProblemCode.JOURNAL_UNAVAILABLE, down.detail());
      case Written.Done<HostMarks> ok -> {}
    }
  }

  private Answer shown(HostName name) {
    HostView host = fleet.host(name).orElseThrow();
    Instant now = time.instant();
    return new Answer(HostJson.of(host, now), InventoryText.host(host, now));
  }

  @PostMapping("/quarantine")
  ResponseEntity<Answer> quarantine(@PathVariable String h, HttpServletRequest request) {
    Given query = Given.query(request);
    boolean dryRun = query.flag("dryRun");
    query.check();
    HostName host = HostResource.known(fleet, h).name();
    Given body = Bodies.of(request);
    body.required("reason");
    String reason = StartRequest.reason(body);
    String confirm = body.text("confirm");
    if (!dryRun && confirm == null) {
      body.note("confirm", Violation.MISSING, "is missing: run it with ?dryRun=true first");
    }
    body.check();
    long present = orders.marks(host).version();
    if (dryRun) {
      String word = words.give(new Shown(host, present));
      var items =
          notDark(host).stream().map(m -> BulkAbortResource.AbortJson.of(m, "would")).toList();
      return answer(new QuarantineJson(json(host), word, present, items));
    }
    long version = IfMatch.version(request, "host", present);
    words.take(
        Objects.requireNonNull(confirm),
        shown -> shown.equals(new Shown(host, version)),
        "this host and version");
    HostMarks.Mark mark = mark(request, reason);
    say(host, Order.QUARANTINED, mark, version);
    List<BulkAbortResource.AbortJson> items = new ArrayList<>();
    for (Migration m : notDark(host)) {
      items.add(abort(m, mark, host));
    }
    return answer(new QuarantineJson(json(host), null, orders.marks(host).version(), items));
  }

  private BulkAbortResource.AbortJson abort(Migration m, HostMarks.Mark mark, HostName host) {
    String why = "quarantine of " + host + ": " + mark.reason();
    Result result = results.await(migrations.abort(m.id(), mark.actor(), why));
    return switch (result) {
      case Result.Taken taken -> BulkAbortResource.AbortJson.of(taken.migration(), "asked");
      case Result.Conflict late ->
          BulkAbortResource.AbortJson.of(late.migration(), "left alone: " + late.reason());
      default -> BulkAbortResource.AbortJson.of(m, "not taken: ask again with …/abort");
    };
  }

  private List<Migration> notDark(HostName host) {
    List<Migration> found = new ArrayList<>();
    String cursor = null;
    var filter = new Filter(null, host.value(), "active", null, null, null);
    do {
      Page page = migrations.list(filter, cursor, PAGE);
      page.items().stream()
          .map(Live::migration)
          .filter(m -> BEFORE_DARK.contains(m.phase()))
          .forEach(found::add);
      cursor = page.cursor();
    } while (cursor != null && found.size() < MOST);
    return found;
  }

  private HostJson json(HostName host) {
    return HostJson.of(fleet.host(host).orElseThrow(), time.instant());
  }

  private ResponseEntity<Answer> answer(QuarantineJson view) {
    Sheet sheet = new Sheet();
    String host = view.host().name();
    String confirm = view.confirm();
    sheet.line(
        host + (confirm == null ? " is quarantined" : " would be quarantined; nothing done"));
    for (BulkAbortResource.AbortJson item : view.items()) {
      sheet.words("", item.id() + " " + item.vm() + " in " + item.phase() + ": " + item.result());
    }
    sheet.line(view.items().size() + " migrations of it had not gone dark");
    String next =
        confirm == null
            ? Curl.get("/hosts/" + host)
            : "curl -X POST \"$F/hosts/"
                + host
                + "/quarantine\" -H 'If-Match: "
                + IfMatch.tag(view.version())
                + "' -d confirm="
                + confirm
                + " -d reason=…";
    return ResponseEntity.ok()
        .eTag(IfMatch.tag(view.version()))
        .body(new Answer(view, sheet.next(next)));
  }
}

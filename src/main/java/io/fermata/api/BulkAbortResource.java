package io.fermata.api;

import io.fermata.api.problem.Refused;
import io.fermata.api.problem.Violation;
import io.fermata.api.request.Bodies;
import io.fermata.api.request.Given;
import io.fermata.api.request.IdempotencyKey;
import io.fermata.api.text.Sheet;
import io.fermata.handover.MigrationId;
import io.fermata.migration.DryRuns;
import io.fermata.migration.Live;
import io.fermata.migration.Migration;
import io.fermata.migration.Migrations;
import io.fermata.migration.Migrations.Filter;
import io.fermata.migration.Migrations.Page;
import io.fermata.migration.Migrations.Result;
import io.fermata.migration.Phase;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Gives up many migrations at once, for the day on which the fabric fails: first the dry run, which
 * lists them, then the same with the word that it gave out. Only what was listed is given up, and
 * only what is still in that phase.
 */
@RestController
class BulkAbortResource {
  private static final int MOST = 10_000;
  private static final int PAGE = 500;
  private static final int[] COLUMNS = {9, 16, 24, 12, 30};
  private static final Set<Phase> PHASES =
      EnumSet.of(Phase.QUEUED, Phase.CHECKING, Phase.PREPARING, Phase.PRECOPYING);

  private final Migrations migrations;
  private final Ids ids;
  private final Results results;
  private final Replays replays;
  private final Words<Preview> words;

  BulkAbortResource(
      Migrations migrations, Ids ids, Results results, Replays replays, DryRuns dryRuns) {
    this.migrations = migrations;
    this.ids = ids;
    this.results = results;
    this.replays = replays;
    this.words = new Words<>(dryRuns, results, "abort", Preview.class);
  }

  record Wanted(Phase phase, @Nullable String host) {}

  record Preview(Wanted wanted, List<MigrationId> ids) {
    /** The same for the same migrations and for no others, as far as 32 bits go. */
    long version() {
      return Integer.toUnsignedLong(ids.toString().hashCode());
    }
  }

  /**
   * What one call comes to.
   *
   * @param confirm what the real call has to show; null in its answer
   * @param version of what was listed, for {@code If-Match}
   */
  record AbortsJson(@Nullable String confirm, long version, List<AbortJson> items) {}

  /**
   * One migration.
   *
   * @param result {@code would}, {@code asked}, or why it was left alone
   */
  record AbortJson(
      String id, String vm, String source, String destination, Phase phase, String result) {
    static AbortJson of(Migration m, String result) {
      var order = m.order();
      return new AbortJson(
          m.id().value(),
          order.vm(),
          order.source().value(),
          order.destination().value(),
          m.phase(),
          result);
    }
  }

  @PostMapping("/api/v1/migrations/-/abort")
  ResponseEntity<Answer> abort(HttpServletRequest request) {
    Given query = Given.query(request);
    boolean dryRun = query.flag("dryRun");
    Phase phase = query.value("phase", BulkAbortResource::phase);
    String host = query.text("host");
    query.check();
    Given body = Bodies.of(request);
    String reason = StartRequest.reason(body);
    String confirm = body.text("confirm");
    body.required("reason");
    if (!dryRun && confirm == null) {
      body.note("confirm", Violation.MISSING, "is missing: run it with ?dryRun=true first");
    }
    body.check();
    if (phase == null) {
      throw Refused.field("phase", Violation.MISSING, "is missing: one of " + words());
    }
    var wanted = new Wanted(phase, host);
    String why = Objects.requireNonNull(reason);
    if (dryRun) {
      AbortsJson shown = preview(wanted);
      return ResponseEntity.ok().eTag(IfMatch.tag(shown.version())).body(answer(shown, wanted));
    }
    String what = "POST /migrations/-/abort?phase=" + phase + "&host=" + host;
    Migrations.Key key = IdempotencyKey.of(request, Actor.of(request), what, body);
    long version = IfMatch.version(request, "preview");
    String word = Objects.requireNonNull(confirm);
    String actor = Actor.of(request);
    Replays.Kept kept =
        replays.once(key, () -> Json.text(abortAll(confirmed(word, wanted, version), actor, why)));
    return ResponseEntity.ok()
        .headers(kept.headers())
        .body(answer(Json.read(kept.answer(), AbortsJson.class), wanted));
  }

  private static Phase phase(String text) {
    for (Phase phase : PHASES) {
      if (phase.name().equalsIgnoreCase(text)) {
        return phase;
      }
    }
    throw new IllegalArgumentException("must be one of " + words());
  }

  private static String words() {
    return PHASES.toString().toLowerCase(Locale.ROOT);
  }

  private AbortsJson preview(Wanted wanted) {
    List<Migration> found = new ArrayList<>();
    String cursor = null;
    var filter = new Filter(null, wanted.host(), wanted.phase().name(), null, null, null);
    do {
      Page page = migrations.list(filter, cursor, PAGE);
      page.items().stream()
          .map(Live::migration)
          .filter(m -> m.phase() == wanted.phase())
          .forEach(found::add);
      cursor = page.cursor();
    } while (cursor != null && found.size() < MOST);
    List<MigrationId> shown = found.stream().map(Migration::id).toList();
    var preview = new Preview(wanted, shown);
    return new AbortsJson(
        words.give(preview),
        preview.version(),
        found.stream().map(m -> AbortJson.of(m, "would")).toList());
  }

  private Preview confirmed(String word, Wanted wanted, long version) {
    return words.take(
        word,
        preview -> preview.wanted().equals(wanted) && preview.version() == version,
        "this phase, host and version");
  }

  private AbortsJson abortAll(Preview preview, String actor, String reason) {
    List<AbortJson> items = new ArrayList<>();
    for (MigrationId id : preview.ids()) {
      migrations
          .find(id)
          .map(Live::migration)
          .ifPresent(m -> items.add(abort(m, preview.wanted().phase(), actor, reason)));
    }
    return new AbortsJson(null, preview.version(), items);
  }

  private AbortJson abort(Migration m, Phase phase, String actor, String reason) {
    if (m.phase() != phase) {
      return AbortJson.of(m, "left alone: it is in " + m.phase() + " now");
    }
    Result result = results.await(migrations.abort(m.id(), actor, reason));
    return switch (result) {
      case Result.Taken taken -> AbortJson.of(taken.migration(), "asked");
      case Result.Conflict late -> AbortJson.of(late.migration(), "left alone: " + late.reason());
      default -> AbortJson.of(m, "not taken: the journal does not answer");
    };
  }

  private Answer answer(AbortsJson aborts, Wanted wanted) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("MIGRATION", "VM", "FROM→TO", "PHASE", "ABORT"));
    for (AbortJson item : aborts.items()) {
      rows.add(
          List.of(
              ids.cut(new MigrationId(item.id())),
              item.vm(),
              item.source() + "→" + item.destination(),
              item.phase().name(),
              item.result()));
    }
    Sheet sheet = new Sheet().table(COLUMNS, rows);
    String phase = wanted.phase().name().toLowerCase(Locale.ROOT);
    String confirm = aborts.confirm();
    if (confirm == null) {
      sheet.line(aborts.items().size() + " shown before, each with what came of it");
      return new Answer(aborts, sheet.next("curl \"$F/migrations?phase=active&o=text\""));
    }
    sheet.line(aborts.items().size() + " would be given up; nothing was done");
    String host = wanted.host() == null ? "" : "&host=" + wanted.host();
    return new Answer(
        aborts,
        sheet.next(
            "curl -X POST \"$F/migrations/-/abort?phase="
                + phase
                + host
                + "\" -H 'If-Match: "
                + IfMatch.tag(aborts.version())
                + "' -d confirm="
                + confirm
                + " -d reason=…"));
  }
}

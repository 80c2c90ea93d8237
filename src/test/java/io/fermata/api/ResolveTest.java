package io.fermata.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.handover.HostName;
import io.fermata.handover.Side;
import io.fermata.handover.Testimony;
import io.fermata.migration.Migration;
import io.fermata.migration.Migrations.Reason;
import io.fermata.migration.Migrations.Result;
import io.fermata.migration.Migrations.Submission;
import io.fermata.migration.Note;
import io.fermata.migration.Order;
import io.fermata.migration.Phase;
import io.fermata.migration.Resolution;
import io.fermata.migration.Ruling;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** An operator decides: dry run first, then the same words with what it gave out. */
class ResolveTest {
  private static final String WORDS = "keep=source&evidence=BMC-off-1842&reason=rack+burnt";
  private static final String PATH = "/migrations/mig7/resolve";

  private final ApiServer api = ApiServer.fresh();
  private Migration parked;

  @BeforeEach
  void parked() {
    Order order =
        new Order(
            "vm-1",
            new HostName("host-a"),
            new HostName("host-b"),
            List.of(),
            new Order.PreCopyTerms(false, 1, 1),
            0,
            Order.OnBudgetExceeded.ABORT,
            null,
            "user");
    var submission = new Submission(order, "actor", "api", 1, null, null);
    Migration fresh = FakeMigrations.fresh("mig70000", submission);
    parked = FakeMigrations.in(fresh, Phase.NEEDS_OPERATOR, null);
    api.migrations.put(parked);
  }

  @Test
  void aDryRunSaysWhatWouldBeDoneAndGivesTheWordForIt() {
    HttpResponse<String> dry = api.form(PATH + "?dryRun=true", WORDS);
    assertEquals(200, dry.statusCode(), dry::body);
    JsonNode view = ApiServer.json(dry);
    assertEquals("the-word", view.get("confirm").stringValue());
    assertEquals(2, view.get("version").intValue());
    assertEquals("\"2\"", dry.headers().firstValue("ETag").orElseThrow());
    assertEquals(1, view.get("effects").size());
    assertEquals(1, view.get("cautions").size());
    assertTrue(api.migrations.calls.stream().noneMatch(c -> c.startsWith("resolve")));
    String text = api.form(PATH + "?dryRun=true&o=text", WORDS).body();
    assertTrue(text.contains("confirm=the-word"), text);
    assertTrue(text.lines().allMatch(line -> line.length() <= 100), text);
  }

  @Test
  void theSameWordsWithVersionAndConfirmationAreTaken() {
    HttpResponse<String> taken = resolve(WORDS + "&confirm=the-word", "\"2\"");
    assertEquals(202, taken.statusCode(), taken::body);
    String call = "resolve mig70000 SOURCE anonymous BMC-off-1842 rack burnt 2 the-word";
    assertTrue(api.migrations.calls.contains(call), api.migrations.calls::toString);
  }

  @Test
  void evidenceReasonAndConfirmationAreRequired() {
    HttpResponse<String> bare = api.form(PATH + "?dryRun=true", "keep=source");
    assertEquals(2, BadInputTest.problem(422, "INVALID_REQUEST", bare).get("violations").size());
    BadInputTest.problem(422, "INVALID_REQUEST", resolve(WORDS, "\"2\""));
    String both = WORDS.replace("keep=source", "keep=both");
    BadInputTest.problem(422, "INVALID_REQUEST", api.form(PATH + "?dryRun=true", both));
    String blank = WORDS.replace("BMC-off-1842", "+");
    BadInputTest.problem(422, "INVALID_REQUEST", api.form(PATH + "?dryRun=true", blank));
    BadInputTest.problem(422, "INVALID_REQUEST", api.form(PATH + "?dryRun=true", WORDS + "&x=1"));
    assertTrue(api.migrations.calls.isEmpty());
  }

  @Test
  void theVersionIsRequiredAndHasToBeThePresentOne() {
    String words = WORDS + "&confirm=the-word";
    JsonNode none = BadInputTest.problem(428, "VERSION_REQUIRED", api.form(PATH, words));
    assertTrue(none.get("detail").stringValue().contains("\"2\""));
    BadInputTest.problem(412, "STALE_VERSION", resolve(words, "*"));
    api.migrations.answerWith(new Result.Outdated(parked));
    BadInputTest.problem(412, "STALE_VERSION", resolve(words, "\"1\""));
    api.migrations.answerWith(new Result.Unconfirmed(parked));
    BadInputTest.problem(422, "UNCONFIRMED", resolve(words, "\"2\""));
  }

  @Test
  void aFactThatIsAgainstItIsTold() {
    var fact =
        new Ruling.Objection(Ruling.Ground.CONTRADICTED, "host-b", "host-b proved that it runs");
    api.migrations.answerWith(new Result.Objected(parked, fact));
    HttpResponse<String> dry = api.form(PATH + "?dryRun=true", WORDS);
    JsonNode problem = BadInputTest.problem(409, "RESOLUTION_REFUSED", dry);
    assertTrue(problem.get("detail").stringValue().contains("proved that it runs"));
    assertEquals("host-b", problem.get("host").stringValue());
    api.migrations.answerWith(new Result.Conflict(parked, Reason.NOT_PARKED));
    BadInputTest.problem(409, "NOT_PARKED", api.form(PATH + "?dryRun=true", WORDS));
    api.migrations.answerWith(new Result.Conflict(parked, Reason.RESOLVED_ALREADY));
    BadInputTest.problem(409, "RESOLVED_ALREADY", api.form(PATH + "?dryRun=true", WORDS));
  }

  @Test
  void whoDecidedOnWhatIsShownFromThenOn() {
    var word = new Testimony("ops", "BMC-off-1842", "rack burnt", FakeMigrations.T0);
    var note = new Note.OperatorDecided(new Resolution(Side.SOURCE, word));
    api.migrations.put(parked.with(List.of(note), FakeMigrations.T0));
    for (String path : List.of("/migrations/mig7", "/migrations/mig7/explain")) {
      JsonNode resolution = ApiServer.json(api.get(path)).get("resolution");
      assertEquals("ops", resolution.get("actor").stringValue());
      assertEquals("source", resolution.get("keep").stringValue());
      String text = api.get(path + "?o=text").body();
      assertTrue(text.contains("ops") && text.contains("BMC-off-1842"), text);
    }
  }

  @Test
  void theExplanationOfAParkedOneNamesTheDryRun() {
    String text = api.get("/migrations/mig7/explain?o=text").body();
    assertTrue(text.contains("/resolve?dryRun=true -d keep="), text);
  }

  private HttpResponse<String> resolve(String form, String version) {
    return api.send(
        api.request(PATH)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("If-Match", version)
            .POST(BodyPublishers.ofString(form)));
  }
}

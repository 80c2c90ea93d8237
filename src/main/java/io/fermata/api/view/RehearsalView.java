package io.fermata.api.view;

import io.fermata.api.text.Curl;
import io.fermata.api.text.Sheet;
import io.fermata.handover.Testimony;
import io.fermata.migration.Migrations.Rehearsal;
import io.fermata.migration.Resolution;
import java.util.List;
import java.util.Locale;

/**
 * What a resolution would do.
 *
 * @param version what {@code If-Match} has to name
 * @param effects what will be done, in order
 * @param cautions what nobody but the operator can vouch for, and what is lost
 * @param statement what the operator signs with his own key where agents ask for that, lines apart
 * @param confirm what the real call has to show; good once, for these words and this version
 */
public record RehearsalView(
    String id,
    long version,
    String keep,
    String evidence,
    String reason,
    List<String> effects,
    List<String> cautions,
    String statement,
    String confirm) {

  /** The view of a dry run. */
  public static RehearsalView of(Rehearsal.Possible possible, Resolution resolution) {
    return new RehearsalView(
        possible.migration().id().value(),
        possible.migration().version(),
        resolution.keep().name().toLowerCase(Locale.ROOT),
        resolution.word().evidence(),
        resolution.word().reason(),
        possible.ruling().effects(),
        possible.ruling().cautions(),
        Testimony.statement(
            possible.migration().id(),
            resolution.keep(),
            resolution.word().evidence(),
            resolution.word().reason()),
        possible.confirm());
  }

  /** The same as people read it. */
  public String text(String cut) {
    Sheet sheet = new Sheet();
    sheet.line(cut + " at version " + version + ": keep the " + keep + " (dry run)");
    effects.forEach(effect -> sheet.words("  ", "will: " + effect));
    cautions.forEach(caution -> sheet.words("  ", "caution: " + caution));
    sheet.words("", "evidence: " + evidence + "; reason: " + reason);
    sheet.line("nothing was done; to do it, say the same with these:");
    sheet.line("  -H 'If-Match: \"" + version + "\"' -d confirm=" + confirm);
    return sheet.next(
        Curl.post(
            "/migrations/" + cut + "/resolve",
            "keep=" + keep,
            "evidence=…",
            "reason=…",
            "confirm=…"));
  }
}

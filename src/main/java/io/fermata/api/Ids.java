package io.fermata.api;

import io.fermata.api.access.Tenancy;
import io.fermata.api.problem.Problem;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Live;
import io.fermata.migration.Migrations;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/** Ids as people type and read them: any unique beginning stands for the whole. */
@Component
class Ids {
  private static final Pattern PART = Pattern.compile("[a-z0-9]{1,40}");
  private static final int SHORTEST = 4;
  private static final int CANDIDATES = 10;

  private final Migrations migrations;
  private final Tenancy tenancy;

  Ids(Migrations migrations, Tenancy tenancy) {
    this.migrations = migrations;
    this.tenancy = tenancy;
  }

  /**
   * The migration whose id begins so.
   *
   * @throws Refused if there is none, or more than one
   */
  Live find(String beginning) {
    return migrations
        .find(resolve(beginning))
        .filter(live -> tenancy.sees(live.migration().order().vm()))
        .orElseThrow(() -> unknown(beginning));
  }

  private MigrationId resolve(String beginning) {
    if (!PART.matcher(beginning).matches()) {
      throw unknown(beginning);
    }
    List<MigrationId> ids = migrations.idsStartingWith(beginning, CANDIDATES + 1);
    Optional<MigrationId> exact = ids.stream().filter(i -> i.value().equals(beginning)).findAny();
    if (exact.isPresent()) {
      return exact.get();
    }
    if (ids.size() > 1 && tenancy.bound()) {
      throw unknown(beginning); // what else begins so may be another tenant's
    }
    if (ids.size() > 1) {
      List<String> shown = ids.stream().limit(CANDIDATES).map(MigrationId::value).toList();
      String more = ids.size() > CANDIDATES ? " and more" : "";
      throw new Refused(
          Problem.of(
                  ProblemCode.AMBIGUOUS_ID,
                  "'" + beginning + "' could be " + String.join(", ", shown) + more)
              .withCandidates(shown));
    }
    return ids.stream().findFirst().orElseThrow(() -> unknown(beginning));
  }

  /** The shortest beginning that still names it, of at least four characters. */
  String cut(MigrationId id) {
    String whole = id.value();
    int length = Math.min(SHORTEST, whole.length());
    while (length < whole.length()
        && migrations.idsStartingWith(whole.substring(0, length), 2).size() > 1) {
      length++;
    }
    return whole.substring(0, length);
  }

  private static Refused unknown(String beginning) {
    String shown = beginning.length() > 40 ? beginning.substring(0, 40) + "…" : beginning;
    return new Refused(
        Problem.of(ProblemCode.UNKNOWN_MIGRATION, "no migration's id begins with '" + shown + "'")
            .withNext("curl $F/migrations"));
  }
}

package io.fermata.migration;

import io.fermata.migration.Migrations.Reason;
import io.fermata.migration.Migrations.Rehearsal;
import io.fermata.migration.Migrations.Result;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Takes operators' decisions, in two steps: a dry run gives out a word that confirms one decision
 * about one version, in exactly the same words; the last dry run counts, so that two operators
 * cannot decide past each other. On the loop.
 */
final class Resolutions {
  private final MigrationLoop loop;
  private final Supplier<String> tokens;

  Resolutions(MigrationLoop loop, Supplier<String> tokens) {
    this.loop = loop;
    this.tokens = tokens;
  }

  Rehearsal rehearse(Run run, Resolution resolution) {
    Migration m = run.migration();
    Optional<Result> obstacle = obstacle(m);
    if (obstacle.isPresent()) {
      return new Rehearsal.Impossible(obstacle.get());
    }
    Optional<Ruling> ruling = loop.ruling(run, resolution.keep());
    if (ruling.isEmpty()) {
      return new Rehearsal.Impossible(new Result.Conflict(m, Reason.NOT_NOW));
    }
    var objection = ruling.get().objection();
    if (objection != null) {
      return new Rehearsal.Impossible(new Result.Objected(m, objection));
    }
    String confirm = tokens.get();
    run.rehearsed(new Run.Rehearsed(resolution, m.version(), confirm));
    return new Rehearsal.Possible(m, ruling.get(), confirm);
  }

  void resolve(
      Run run,
      Resolution resolution,
      long version,
      String confirm,
      CompletableFuture<Result> result) {
    Optional<Result> refused = refused(run, resolution, version, confirm);
    if (refused.isPresent()) {
      result.complete(refused.get());
      return;
    }
    run.rehearsed(null);
    run.askAnew();
    loop.decided(
        run,
        new Note.OperatorDecided(resolution),
        resolution.word().actor(),
        kept ->
            result.complete(
                kept
                    ? new Result.Taken(run.migration(), false)
                    : new Result.Unavailable("another orchestrator drives it now; look again")));
  }

  private Optional<Result> refused(Run run, Resolution resolution, long version, String confirm) {
    Migration m = run.migration();
    Optional<Result> obstacle = obstacle(m);
    if (obstacle.isPresent()) {
      return obstacle;
    }
    if (m.version() != version) {
      return Optional.of(new Result.Outdated(m));
    }
    boolean confirmed =
        run.rehearsed()
            .filter(r -> r.version() == version && r.confirm().equals(confirm))
            .filter(r -> sameWords(r.resolution(), resolution))
            .isPresent();
    if (!confirmed) {
      return Optional.of(new Result.Unconfirmed(m));
    }
    // once more on what is known now: the lost host may have spoken since the dry run
    Optional<Ruling> ruling = loop.ruling(run, resolution.keep());
    if (ruling.isEmpty()) {
      return Optional.of(new Result.Conflict(m, Reason.NOT_NOW)); // a host left the inventory since
    }
    return Optional.ofNullable(ruling.get().objection())
        .map(objection -> new Result.Objected(m, objection));
  }

  /** Everything but the moment: the dry run was said a little earlier. */
  private static boolean sameWords(Resolution one, Resolution other) {
    return one.keep() == other.keep()
        && one.word().actor().equals(other.word().actor())
        && one.word().evidence().equals(other.word().evidence())
        && one.word().reason().equals(other.word().reason());
  }

  private static Optional<Result> obstacle(Migration m) {
    if (m.phase() != Phase.NEEDS_OPERATOR) {
      return Optional.of(new Result.Conflict(m, m.ended() ? Reason.ENDED : Reason.NOT_PARKED));
    }
    return m.resolution() == null
        ? Optional.empty()
        : Optional.of(new Result.Conflict(m, Reason.RESOLVED_ALREADY));
  }
}

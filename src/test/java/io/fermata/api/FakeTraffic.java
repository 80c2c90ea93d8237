package io.fermata.api;

import io.fermata.handover.MigrationId;
import io.fermata.migration.Intake;
import io.fermata.migration.Limits;
import io.fermata.migration.Limits.Scope;
import io.fermata.migration.Migration;
import io.fermata.migration.Traffic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Limits and an intake that are what they were set to, and a queue that a test fills. */
final class FakeTraffic implements Traffic {
  static final Limits FIRST = new Limits(5, 4, 3, 2, 1, 100);

  private Held<Limits> limits = new Held<>(FIRST, 0);
  private Held<Intake> intake = new Held<>(Intake.OPEN, 0);
  private final List<Waiting> queue = new ArrayList<>();

  synchronized void clear() {
    limits = new Held<>(FIRST, 0);
    intake = new Held<>(Intake.OPEN, 0);
    queue.clear();
  }

  /** It waits for its source, which that one holds. */
  synchronized void waits(Migration migration, String holder) {
    int position = queue.size() + 1;
    String host = migration.order().source().value();
    queue.add(
        new Waiting(
            migration,
            position,
            Scope.SOURCE,
            host,
            4,
            4,
            List.of(new MigrationId(holder)),
            "a place for migrations from " + host));
  }

  @Override
  public synchronized View view() {
    List<Use> uses =
        List.of(
            new Use(Scope.CLUSTER, 5, Map.of("", 2)),
            new Use(Scope.SOURCE, 4, Map.of("host-a", 4)),
            new Use(Scope.BLACKOUT, 1, Map.of("", 1)),
            new Use(Scope.QUEUE, 100, Map.of("", queue.size())));
    boolean paused = intake.value().pausedAt(FakeMigrations.T0 + 60_000);
    return new View(limits, intake, paused, uses, List.copyOf(queue), List.of());
  }

  @Override
  public synchronized CompletableFuture<Written<Limits>> limits(
      Limits to, long version, String actor) {
    if (version != limits.version()) {
      return CompletableFuture.completedFuture(new Written.Outdated<>(limits.version()));
    }
    limits = new Held<>(to, version + 1);
    return CompletableFuture.completedFuture(new Written.Done<>(limits));
  }

  @Override
  public synchronized CompletableFuture<Written<Intake>> intake(Intake to) {
    intake = new Held<>(to, intake.version() + 1);
    return CompletableFuture.completedFuture(new Written.Done<>(intake));
  }
}

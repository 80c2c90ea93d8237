package io.fermata.migration;

import io.fermata.handover.MigrationId;
import io.fermata.migration.Limits.Scope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** The traffic of one orchestrator: everything is asked of the loop. */
public final class JournaledTraffic implements Traffic {
  private final MigrationLoop loop;
  private final Doorkeeper doorkeeper;

  public JournaledTraffic(MigrationLoop loop) {
    this.loop = loop;
    this.doorkeeper = loop.doorkeeper();
  }

  @Override
  public View view() {
    CompletableFuture<View> view = new CompletableFuture<>();
    loop.onLoop(() -> view.complete(now()));
    return view.join();
  }

  private View now() {
    Places.Decided decided = doorkeeper.last();
    Held<Limits> limits = doorkeeper.limits();
    Held<Intake> intake = doorkeeper.intake();
    List<Use> uses = new ArrayList<>();
    for (Scope scope : Scope.values()) {
      SortedMap<String, Integer> inUse = new TreeMap<>();
      decided.use().all(scope).forEach((where, ids) -> inUse.put(where, ids.size()));
      uses.add(new Use(scope, limits.value().of(scope), inUse));
    }
    boolean paused = intake.value().pausedAt(loop.moment().epochMillis());
    List<Waiting> waiting = waiting(decided.waits());
    return new View(
        limits,
        intake,
        paused,
        uses,
        waiting.stream().filter(w -> w.migration().phase() == Phase.QUEUED).toList(),
        waiting.stream().filter(w -> w.migration().phase() != Phase.QUEUED).toList());
  }

  private List<Waiting> waiting(Map<MigrationId, Places.Wait> waits) {
    long now = loop.moment().epochMillis();
    List<Waiting> all = new ArrayList<>();
    waits.forEach((id, wait) ->
        loop.run(id)
            .map(Run::migration)
            .or(() -> doorkeeper.other(id))
            .ifPresent(m ->
                all.add(
                    new Waiting(
                        m,
                        wait.position(),
                        wait.scope(),
                        wait.where(),
                        wait.limit(),
                        wait.inUse(),
                        wait.holders(),
                        doorkeeper.words(id, now).orElse("")))));
    all.sort(Comparator.comparingInt(Waiting::position));
    return all;
  }

  @Override
  public CompletableFuture<Written<Limits>> limits(Limits to, long version, String actor) {
    CompletableFuture<Written<Limits>> result = new CompletableFuture<>();
    loop.onLoop(() -> doorkeeper.limits(to, version, actor, result));
    return result.whenComplete((done, fault) -> loop.onLoop(loop::admit));
  }

  @Override
  public CompletableFuture<Written<Intake>> intake(Intake to) {
    CompletableFuture<Written<Intake>> result = new CompletableFuture<>();
    String actor = to.actor() == null ? "?" : to.actor();
    loop.onLoop(() -> doorkeeper.intake(to, actor, result));
    return result.whenComplete((done, fault) -> loop.onLoop(loop::admit));
  }
}

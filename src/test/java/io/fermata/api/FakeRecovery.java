package io.fermata.api;

import io.fermata.migration.Recovery;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A recovery that is as a test puts it. */
final class FakeRecovery implements Recovery {
  private static final View OPEN = new View(State.OPEN, 0, 0, List.of(), List.of());
  final List<Acceptance> accepted = new ArrayList<>();
  private volatile View view = OPEN;

  void clear() {
    view = OPEN;
    accepted.clear();
  }

  void put(View other) {
    view = other;
  }

  @Override
  public View view() {
    return view;
  }

  @Override
  public CompletableFuture<Result> accept(Acceptance word) {
    int imported = view.findings().size();
    accepted.add(word);
    view = OPEN;
    return CompletableFuture.completedFuture(new Result.Done(view, imported));
  }
}

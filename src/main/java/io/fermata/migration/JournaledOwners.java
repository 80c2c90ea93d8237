package io.fermata.migration;

import io.fermata.handover.MigrationId;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalFault;
import io.fermata.journal.Replicas;
import io.fermata.journal.Row;
import io.fermata.migration.Migrations.Unreadable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** What the loop, the leases and the journal say of it. */
final class JournaledOwners implements Owners {
  private final Supplier<Optional<Keeper>> keeper;
  private final MigrationLoop loop;
  private final Journal journal;

  /**
   * @param keeper empty where the journal is nobody else's, or the lease has not begun
   */
  JournaledOwners(Supplier<Optional<Keeper>> keeper, MigrationLoop loop, Journal journal) {
    this.keeper = keeper;
    this.loop = loop;
    this.journal = journal;
  }

  @Override
  public String self() {
    return loop.name();
  }

  @Override
  public boolean isToken(String word) {
    return keeper.get().map(k -> k.self().token().equals(word)).orElse(false);
  }

  @Override
  public Optional<Owner> elsewhere(MigrationId id) {
    Optional<Keeper> kept = keeper.get();
    if (kept.isEmpty() || drivenHere(id)) {
      return Optional.empty();
    }
    return read(() ->
        journal
            .row(id.value())
            .filter(row -> row.outcome() == null && !row.owner().equals(self()))
            .map(Row::owner)
            .map(owner ->
                kept.get()
                    .replica(owner)
                    .map(JournaledOwners::owner)
                    .orElse(new Owner(owner, "", "", 0, 0))));
  }

  private boolean drivenHere(MigrationId id) {
    CompletableFuture<Boolean> here = new CompletableFuture<>();
    loop.onLoop(() -> here.complete(loop.run(id).filter(Run::isTakenUp).isPresent()));
    return here.join();
  }

  @Override
  public void hurry() {
    keeper.get().ifPresent(Keeper::turn);
  }

  @Override
  public List<Holding> all() {
    return read(() -> keeper.get().map(this::all).orElseGet(this::alone));
  }

  private List<Holding> all(Keeper kept) {
    SortedMap<String, SortedMap<String, Long>> epochs = new TreeMap<>();
    kept.held()
        .forEach(held ->
            epochs
                .computeIfAbsent(held.term().owner(), owner -> new TreeMap<>())
                .put(held.id(), held.term().epoch()));
    List<Holding> all = new ArrayList<>();
    for (Replicas.Replica replica : kept.all()) {
      SortedMap<String, Long> own = epochs.remove(replica.id());
      all.add(new Holding(owner(replica), own == null ? new TreeMap<>() : own));
    }
    epochs.forEach((owner, own) -> all.add(new Holding(new Owner(owner, "", "", 0, 0), own)));
    return List.copyOf(all);
  }

  private List<Holding> alone() {
    SortedMap<String, Long> own = new TreeMap<>();
    journal.open().forEach(row -> own.put(row.id(), row.epoch()));
    return List.of(new Holding(new Owner(self(), "", "", 0, NEVER_ENDS), own));
  }

  private static Owner owner(Replicas.Replica replica) {
    return new Owner(
        replica.id(),
        replica.url(),
        replica.token(),
        replica.startedMillis(),
        replica.leaseLeftMillis());
  }

  private static <T> T read(Supplier<T> query) {
    try {
      return query.get();
    } catch (JournalFault down) {
      throw new Unreadable(String.valueOf(down.getMessage()), down);
    }
  }
}

package io.fermata.webhook;

import io.fermata.journal.Change;
import io.fermata.journal.Document;
import io.fermata.journal.Extra;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalFault;
import io.fermata.journal.VersionConflict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import tools.jackson.databind.json.JsonMapper;

/** Subscriptions, how far they are, and their dead letters, as documents of the journal. */
final class Papers {
  private static final String SUBSCRIPTION = "webhook";
  private static final String STANDING = "webhook-standing";
  private static final String DEAD = "webhook-dead";
  private static final JsonMapper JSON = new JsonMapper();

  private final Journal journal;

  Papers(Journal journal) {
    this.journal = journal;
  }

  /** A value with the version that it was read at. */
  record Versioned<T>(T value, long version) {}

  List<Versioned<Subscription>> subscriptions() {
    return all(SUBSCRIPTION, Subscription.class);
  }

  Optional<Versioned<Standing>> standing(String id) {
    return journal.documents(STANDING).stream()
        .filter(document -> document.id().equals(id))
        .map(document -> read(document, Standing.class))
        .findFirst();
  }

  List<DeadLetter> dead(String subscription) {
    return all(DEAD, DeadLetter.class).stream()
        .map(Versioned::value)
        .filter(letter -> letter.subscription().equals(subscription))
        .toList();
  }

  private <T> List<Versioned<T>> all(String kind, Class<T> type) {
    return journal.documents(kind).stream().map(document -> read(document, type)).toList();
  }

  private static <T> Versioned<T> read(Document document, Class<T> type) {
    return new Versioned<>(JSON.readValue(document.data(), type), document.version());
  }

  void create(Subscription subscription, Standing standing) {
    write(
        put(SUBSCRIPTION, subscription.id(), subscription, 0),
        put(STANDING, subscription.id(), standing, 0));
  }

  void replace(Subscription subscription, long version) {
    write(put(SUBSCRIPTION, subscription.id(), subscription, version));
  }

  void replace(String id, Standing standing, long version) {
    write(put(STANDING, id, standing, version));
  }

  /** The letter and the standing that goes past it, together. */
  void bury(DeadLetter letter, Standing standing, long version) {
    write(
        put(STANDING, letter.subscription(), standing, version),
        put(DEAD, letter.subscription() + "-" + letter.seq(), letter, 0));
  }

  void unbury(DeadLetter letter) {
    write(new Extra.Delete(DEAD, letter.subscription() + "-" + letter.seq()));
  }

  void delete(String id) {
    List<Extra> all = new ArrayList<>();
    all.add(new Extra.Delete(SUBSCRIPTION, id));
    all.add(new Extra.Delete(STANDING, id));
    dead(id).forEach(letter -> all.add(new Extra.Delete(DEAD, id + "-" + letter.seq())));
    write(all.toArray(Extra[]::new));
  }

  private static Extra put(String kind, String id, Object value, long version) {
    return new Extra.Put(
        new Document(kind, id, version + 1, JSON.writeValueAsString(value)), version);
  }

  /**
   * Waits until it is on disk.
   *
   * @throws VersionConflict if somebody else wrote meanwhile
   * @throws JournalFault if it cannot be written
   */
  private void write(Extra... extras) {
    try {
      journal.append(Change.extra(extras)).join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case VersionConflict conflict -> throw conflict;
        case JournalFault fault -> throw fault;
        case null, default -> throw e;
      }
    }
  }
}

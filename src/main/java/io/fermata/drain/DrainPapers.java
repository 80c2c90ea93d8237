package io.fermata.drain;

import io.fermata.journal.Change;
import io.fermata.journal.Document;
import io.fermata.journal.Extra;
import io.fermata.journal.Idempotency;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalFault;
import io.fermata.journal.KeyTaken;
import io.fermata.journal.NewEntry;
import io.fermata.journal.VersionConflict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Drains as documents of the journal, those that are open apart from those that are over. An open
 * one has a second document under its host's name, so that a host has one at most, whoever asks
 * where. All of this waits for the disk.
 */
final class DrainPapers {
  private static final String OPEN = "drain";
  private static final String HOST = "drain-host";
  private static final String ENDED = "drain-ended";

  private final Journal journal;
  private final int kept;

  DrainPapers(Journal journal, int kept) {
    this.journal = journal;
    this.kept = kept;
  }

  /**
   * Those that are not over, by id.
   *
   * @throws JournalFault if the journal cannot be read
   */
  List<Drain> open() {
    return read(OPEN);
  }

  /**
   * Those that are over, the newest first.
   *
   * @throws JournalFault if the journal cannot be read
   */
  List<Drain> ended() {
    return read(ENDED).stream()
        .sorted(Comparator.comparingLong(Drain::created).thenComparing(Drain::id).reversed())
        .toList();
  }

  private List<Drain> read(String kind) {
    return journal.documents(kind).stream()
        .map(document -> DrainJson.drain(document.data()))
        .toList();
  }

  /**
   * Keeps a new one.
   *
   * @param key the caller's idempotency key, or null
   * @throws VersionConflict if its host has one
   * @throws KeyTaken if the key came before
   * @throws JournalFault if it cannot be written, or nobody knows whether it was
   */
  void begin(Drain drain, List<News> news, @Nullable Idempotency key) {
    String place = DrainJson.write(drain.id());
    List<Extra> extras =
        List.of(
            new Extra.Put(new Document(HOST, drain.host().value(), 1, place), 0),
            new Extra.Put(document(OPEN, 1, drain), 0));
    write(new Change(entries(drain, news, drain.actor()), null, key, List.of(), extras));
  }

  /**
   * Keeps what has become of one. {@code after} is one version later.
   *
   * @throws VersionConflict if somebody else wrote meanwhile
   * @throws JournalFault if it cannot be written, or nobody knows whether it was
   */
  void replace(Drain after, List<News> news, String actor) {
    List<Extra> extras = new ArrayList<>();
    extras.add(new Extra.Put(document(OPEN, after.version(), after), after.version() - 1));
    if (after.phase().ended()) {
      extras.add(new Extra.Delete(OPEN, after.id().value()));
      extras.add(new Extra.Delete(HOST, after.host().value()));
      extras.add(new Extra.Put(document(ENDED, 1, after), 0));
      ended().stream()
          .skip(kept - 1)
          .forEach(old -> extras.add(new Extra.Delete(ENDED, old.id().value())));
    }
    write(new Change(entries(after, news, actor), null, null, List.of(), extras));
  }

  private static Document document(String kind, long version, Drain drain) {
    return new Document(kind, drain.id().value(), version, DrainJson.write(drain));
  }

  private static List<NewEntry> entries(Drain drain, List<News> news, String actor) {
    return news.stream()
        .map(
            one -> new NewEntry(one.type(), drain.id().value(), actor, DrainJson.write(one.data())))
        .toList();
  }

  private void write(Change change) {
    try {
      journal.append(change).join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case VersionConflict conflict -> throw conflict;
        case KeyTaken taken -> throw taken;
        case JournalFault fault -> throw fault;
        case null, default -> throw e;
      }
    }
  }
}

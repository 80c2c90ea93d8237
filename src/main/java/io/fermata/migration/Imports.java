package io.fermata.migration;

import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.journal.Change;
import io.fermata.journal.Document;
import io.fermata.journal.Extra;
import io.fermata.journal.Journal;
import io.fermata.journal.NewEntry;
import io.fermata.journal.Row;
import io.fermata.journal.RowWrite;
import io.fermata.migration.Recovery.Acceptance;
import io.fermata.migration.Recovery.Finding;
import io.fermata.migration.Recovery.View;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Writes into the journal what only the agents knew, and who said that it may be. */
final class Imports {
  static final String ACCEPTED = "recovery.accepted";
  private static final String KIND = "recovery";
  private static final String WAIVED = "waived";

  private final Journal journal;
  private final MigrationLoop loop;

  /**
   * Hosts that were silent when somebody accepted without them: what they know is imported when
   * they come back.
   */
  record Waiver(SortedSet<HostName> hosts, String actor, long version) {
    static final Waiver NONE = new Waiver(new TreeSet<>(), "", 0);
  }

  /** What the document has. */
  private record Waived(List<String> hosts, String actor, String reason) {}

  /** Who accepted what. */
  private record AcceptedEntry(
      String reason, List<String> without, List<String> imported, long version) {}

  Imports(Journal journal, MigrationLoop loop) {
    this.journal = journal;
    this.loop = loop;
  }

  /**
   * The waiver that the journal has.
   *
   * @throws io.fermata.journal.JournalFault if it cannot be read
   */
  Waiver waiver() {
    return journal.documents(KIND).stream()
        .filter(document -> document.id().equals(WAIVED))
        .findFirst()
        .map(document -> {
          Waived kept = MigrationJson.read(document.data(), Waived.class);
          SortedSet<HostName> hosts = new TreeSet<>();
          kept.hosts().forEach(host -> hosts.add(new HostName(host)));
          return new Waiver(hosts, kept.actor(), document.version());
        })
        .orElse(Waiver.NONE);
  }

  /** All of them were compared: the next journal that is too old waits for a word again. */
  void forget(Waiver waiver) {
    if (waiver.version() > 0) {
      var _ = journal.append(Change.extra(new Extra.Delete(KIND, WAIVED)));
    }
  }

  /**
   * Writes each by itself: what is there twice is refused by its version, and what is missing is
   * found again by the next comparison.
   *
   * @param then on the loop: the rows that were written, and the first fault or null
   */
  void write(
      List<Finding> findings, String actor, BiConsumer<List<Row>, @Nullable Throwable> then) {
    List<Row> rows = new ArrayList<>();
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (Finding finding : findings) {
      Migration after = finding.after();
      if (after == null || driven(finding, after, actor)) {
        continue;
      }
      long now = loop.moment().epochMillis();
      Row row = Writer.row(after, finding.version() + 1, now);
      var change =
          new Change(entries(finding, after, actor), new RowWrite(row, finding.version()), null);
      all.add(journal.append(change).thenAccept(done -> loop.onLoop(() -> rows.add(row))));
    }
    var _ =
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
            .whenComplete(
                (done, fault) -> loop.onLoop(() -> then.accept(List.copyOf(rows), fault)));
  }

  /** What this loop drives already it raises itself, in the order of its own writes. */
  private boolean driven(Finding finding, Migration after, String actor) {
    return loop.run(finding.migration())
        .map(run -> {
          var epoch = new Epoch(after.epoch().number() + 1, loop.name());
          boolean dark = after.darkSince() > 0;
          loop.wish(
              run,
              new Note.Imported(epoch, after.phase(), dark, after.stop(), after.failure()),
              actor);
          return true;
        })
        .orElse(false);
  }

  private static List<NewEntry> entries(Finding finding, Migration after, String actor) {
    List<NewEntry> entries = new ArrayList<>();
    if (finding.kept() == null) {
      String order = MigrationJson.write(after.order());
      entries.add(new NewEntry(Writer.BIRTH, after.id().value(), actor, order));
    }
    var note =
        new Note.Imported(
            after.epoch(), after.phase(), after.darkSince() > 0, after.stop(), after.failure());
    entries.addAll(Writer.entries(after, List.of(note), actor));
    return entries;
  }

  /** Keeps who accepted it, and without whom. */
  CompletableFuture<?> accepted(Acceptance word, View shown, Waiver before) {
    List<String> without = shown.silent().stream().map(HostName::value).toList();
    List<String> imported = shown.findings().stream().map(f -> f.migration().value()).toList();
    var kept = new AcceptedEntry(word.reason(), without, imported, word.version());
    var entry = new NewEntry(ACCEPTED, "recovery", word.actor(), MigrationJson.write(kept));
    List<Extra> extras = new ArrayList<>();
    if (!without.isEmpty()) {
      String data = MigrationJson.write(new Waived(without, word.actor(), word.reason()));
      var document = new Document(KIND, WAIVED, before.version() + 1, data);
      extras.add(new Extra.Put(document, before.version()));
    }
    return journal.append(new Change(List.of(entry), null, null, List.of(), extras));
  }
}

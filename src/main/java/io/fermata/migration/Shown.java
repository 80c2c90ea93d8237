package io.fermata.migration;

import io.fermata.handover.MigrationId;
import io.fermata.handover.message.HopReport;
import io.fermata.journal.Journal;
import io.fermata.journal.Row;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import tools.jackson.core.JacksonException;

/**
 * Migrations as they are shown: of the open ones the loop has the last word, of the others the
 * journal. An end that the journal has not taken yet is no end.
 */
final class Shown {
  private static final int ENTRIES_OF_ONE = 10_000;

  private final MigrationLoop loop;
  private final Journal journal;

  Shown(MigrationLoop loop, Journal journal) {
    this.loop = loop;
    this.journal = journal;
  }

  Optional<Live> one(MigrationId id) {
    CompletableFuture<Optional<Live>> live = new CompletableFuture<>();
    loop.onLoop(() -> live.complete(open(id)));
    return live.join().or(() -> journal.row(id.value()).map(this::past));
  }

  /**
   * Those of a page. The open ones are shown as they are now, the others without their hops. A row
   * that cannot be read is left out: in that incident of all the others must be seen.
   */
  List<Live> page(List<Row> rows) {
    List<Migration> stored = rows.stream().flatMap(row -> readable(row).stream()).toList();
    Map<MigrationId, Live> open = open(stored.stream().filter(m -> !m.ended()).toList());
    return stored.stream()
        .map(m ->
            Optional.ofNullable(open.get(m.id()))
                .orElseGet(() -> new Live(m, null, null, List.of(), null, null)))
        .toList();
  }

  private static Optional<Migration> readable(Row row) {
    try {
      return Optional.of(MigrationJson.migration(row.data()));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /** In one question for all: each one waits for everything that the loop has to do before it. */
  private Map<MigrationId, Live> open(List<Migration> stored) {
    if (stored.isEmpty()) {
      return Map.of();
    }
    CompletableFuture<Map<MigrationId, Live>> asked = new CompletableFuture<>();
    loop.onLoop(() -> {
      Map<MigrationId, Live> found = new TreeMap<>();
      stored.forEach(m -> open(m.id()).ifPresent(live -> found.put(m.id(), live)));
      asked.complete(found);
    });
    Map<MigrationId, Live> open = asked.join();
    for (Migration m : stored) {
      if (!open.containsKey(m.id())) { // it ended since its row was read, or is another's
        journal.row(m.id().value()).map(this::past).ifPresent(live -> open.put(m.id(), live));
      }
    }
    return open;
  }

  /** On the loop's thread only. */
  private Optional<Live> open(MigrationId id) {
    return loop.run(id).filter(run -> !run.migration().ended()).map(loop::live);
  }

  private Live past(Row row) {
    Migration m = MigrationJson.migration(row.data());
    Optional<Timeline> timeline =
        journal.entriesOf(m.id().value(), 0, ENTRIES_OF_ONE).stream()
            .filter(e -> e.type().equals(Timeline.TYPE))
            .map(e -> MigrationJson.timeline(e.data()))
            .reduce((first, last) -> last);
    return new Live(
        m,
        timeline.map(t -> past(t.source(), t.sourceClock())).orElse(null),
        timeline.map(t -> past(t.destination(), t.destinationClock())).orElse(null),
        List.of(),
        null,
        null);
  }

  private static Live.SideView past(List<HopReport> hops, Live.ClockMapping clock) {
    return new Live.SideView(null, null, null, 0, null, hops, clock);
  }
}

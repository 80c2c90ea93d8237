package io.fermata.migration;

import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.journal.Entry;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalFault;
import io.fermata.journal.Row;
import io.fermata.journal.RowFilter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import tools.jackson.core.JacksonException;

/**
 * After a start, learns once more what the newest migrations of the journal told of their hops. It
 * begins when the program is ready and every agent has answered once, since only they know which
 * device is of which profile; nobody waits for it.
 */
final class Relearning implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Relearning.class);
  private static final int MIGRATIONS = 200;
  private static final int ENTRIES_OF_ONE = 10_000;
  private static final int PATIENCE_SECONDS = 60;

  private final Journal journal;
  private final Fleet fleet;
  private final Learning learning;
  private int looks;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("relearning").unstarted(task));

  Relearning(Journal journal, Fleet fleet, Learning learning) {
    this.journal = journal;
    this.fleet = fleet;
    this.learning = learning;
  }

  @EventListener
  void begin(ApplicationReadyEvent ready) {
    var _ = thread.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
  }

  private void look() {
    looks++;
    boolean known =
        fleet.hosts().stream().noneMatch(host -> host.state() == HostView.AgentState.UNKNOWN);
    if (known || looks > PATIENCE_SECONDS) {
      thread.shutdown();
      relearn();
    }
  }

  /** The oldest of them first, so that the newest are what is kept. */
  void relearn() {
    try {
      var succeeded = new RowFilter(null, null, null, Outcome.SUCCEEDED.name(), null, null);
      List<Row> rows = journal.list(succeeded, null, MIGRATIONS);
      for (Row row : rows.reversed()) {
        timeline(row)
            .ifPresent(t ->
                learning.over(MigrationJson.migration(row.data()), t.source(), t.destination()));
      }
    } catch (JournalFault | JacksonException unreadable) {
      LOG.warn("nothing more is learned from the journal: {}", unreadable.getMessage());
    }
  }

  private Optional<Timeline> timeline(Row row) {
    return journal.entriesOf(row.id(), 0, ENTRIES_OF_ONE).stream()
        .filter(entry -> entry.type().equals(Timeline.TYPE))
        .map(Entry::data)
        .map(MigrationJson::timeline)
        .reduce((first, last) -> last);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}

package io.fermata.journal;

import io.fermata.metrics.Buckets;
import io.fermata.metrics.Distribution;
import io.fermata.metrics.Instruments;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.List;

/** What the journal costs and what fails in it. */
public final class JournalMetrics {
  private static final double NANOS = 1e9;

  private final Distribution.Point appends;
  private final CounterDataPoint failures;
  private final Counter events;

  /**
   * @param types of the entries that are written; each is counted from 0
   */
  public JournalMetrics(Instruments instruments, List<String> types) {
    appends =
        instruments
            .histogram(
                Buckets.JOURNAL,
                "fermata_journal_append_seconds",
                "From the request to append until the change is on disk.")
            .labelValues();
    failures =
        instruments.counter(
            "fermata_journal_failures_total",
            "Appends and reads that the journal could not do; refusals of versions and keys are"
                + " none.");
    events =
        instruments.counter(
            "fermata_events_total", "Journal entries that were committed, by type.", "type");
    types.forEach(events::initLabelValues);
  }

  /** The journal whose failures and entries are counted. */
  public Journal around(Journal journal) {
    journal.onCommit(entries -> entries.forEach(entry -> events.labelValues(entry.type()).inc()));
    return new MeasuredJournal(journal, failures::inc);
  }

  /** One append was on disk after that time; called on the writer's thread. */
  public void appended(long nanos) {
    appends.observe(nanos / NANOS);
  }
}

package io.fermata.audit;

import io.fermata.journal.AuditFilter;
import io.fermata.journal.AuditPlace;
import io.fermata.journal.Audited;
import io.fermata.journal.Change;
import io.fermata.journal.Extra;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalFault;
import io.fermata.journal.NewAudit;
import io.fermata.metrics.Instruments;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * The trail of deeds. Each is also a line of the log {@code fermata.audit}, so that a collector of
 * logs is a second sink that nobody can rewrite through this program.
 */
public final class AuditTrail {
  private static final Logger LOG = LoggerFactory.getLogger("fermata.audit");
  private static final JsonMapper JSON = new JsonMapper();
  private static final int WALK = 500;

  private final Journal journal;
  private final AuditSettings settings;
  private final Spool spool;
  private final Counter records;
  private final Counter failures;

  public AuditTrail(Journal journal, AuditSettings settings, Instruments instruments) {
    this.journal = journal;
    this.settings = settings;
    this.spool = new Spool(journal, settings);
    records =
        instruments.counter(
            "fermata_audit_records_total",
            "Audit records by what was asked and what became of it.",
            "action",
            "decision");
    failures =
        instruments.counter(
            "fermata_audit_write_failures_total",
            "Audit records that could not be written at once: the request was refused, or the"
                + " record waits in memory.");
  }

  /**
   * Puts a deed on record before it is done.
   *
   * @throws AuditUnavailable if it is not on disk in time; then it must not be done
   */
  public void before(Deed deed) {
    try {
      append(deed).get(settings.patience().toMillis(), TimeUnit.MILLISECONDS);
      count(deed);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unwritten("the server stops", e);
    } catch (TimeoutException e) {
      throw unwritten(
          "the store did not take it within " + settings.patience().toMillis() + " ms", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw unwritten(String.valueOf(cause.getMessage()), cause);
    }
  }

  private AuditUnavailable unwritten(String detail, Throwable cause) {
    failures.inc();
    LOG.error("audit record not written: {}", detail);
    return new AuditUnavailable(detail, cause);
  }

  /** Puts a deed on record as soon as the store takes it; waits for nothing and never fails. */
  public void later(Deed deed) {
    count(deed);
    NewAudit record = record(deed);
    LOG.info(
        "{} {} {} by {} {}",
        deed.decision(),
        deed.action(),
        deed.subject(),
        deed.actor(),
        record.data());
    var _ =
        journal
            .append(Change.extra(new Extra.Audit(record)))
            .whenComplete((done, fault) -> {
              if (fault != null) {
                spool(record);
              }
            });
  }

  private void spool(NewAudit record) {
    failures.inc();
    if (!spool.add(record)) {
      LOG.error("audit record lost, too many wait for the store: {}", record);
    }
  }

  private void count(Deed deed) {
    records.labelValues(deed.action(), Instruments.label(deed.decision())).inc();
  }

  private CompletableFuture<?> append(Deed deed) {
    return journal.append(Change.extra(new Extra.Audit(record(deed))));
  }

  private static NewAudit record(Deed deed) {
    return new NewAudit(
        deed.timeMillis(),
        deed.actor(),
        deed.action(),
        deed.subject(),
        Instruments.label(deed.decision()),
        JSON.writeValueAsString(deed.details()));
  }

  /**
   * Records that match, newest first.
   *
   * @throws IllegalArgumentException if the cursor is not one of ours
   * @throws AuditUnavailable if they cannot be read
   */
  public AuditPage list(AuditPage.Wish wish, @Nullable String cursor, int limit) {
    AuditPlace after = cursor == null ? null : AuditPlace.parse(cursor);
    var filter =
        new AuditFilter(
            wish.actor(),
            wish.action(),
            wish.subject(),
            wish.decision() == null ? null : Instruments.label(wish.decision()),
            wish.since(),
            wish.until());
    List<Audited> found = read(() -> journal.audit(filter, after, limit + 1));
    List<Audited> page = found.subList(0, Math.min(limit, found.size()));
    String next = found.size() > limit ? AuditPlace.after(page.getLast()).text() : null;
    return new AuditPage(page.stream().map(AuditTrail::item).toList(), next);
  }

  private static AuditPage.Item item(Audited link) {
    NewAudit record = link.record();
    var decision = Deed.Decision.valueOf(record.decision().toUpperCase(java.util.Locale.ROOT));
    var details = JSON.readValue(record.data(), Deed.Details.class);
    var deed =
        new Deed(
            record.timeMillis(),
            record.actor(),
            record.action(),
            record.subject(),
            decision,
            details);
    return new AuditPage.Item(link.chain(), link.number(), deed, link.hash());
  }

  /**
   * Walks every chain from its first record to its last and reckons each hash again.
   *
   * @throws AuditUnavailable if they cannot be read
   */
  public Verification verify() {
    List<Verification.Chain> chains = new ArrayList<>();
    for (String name : read(journal::chains)) {
      chains.add(walk(name));
    }
    boolean intact = chains.stream().allMatch(chain -> chain.broken() == null);
    long records = chains.stream().mapToLong(Verification.Chain::records).sum();
    return new Verification(intact, records, spool.waiting(), List.copyOf(chains));
  }

  private Verification.Chain walk(String chain) {
    long number = 0;
    String head = Audited.genesis(chain);
    List<Audited> links = next(chain, number);
    while (!links.isEmpty()) {
      for (Audited link : links) {
        String wrong = wrong(link, number + 1, head);
        if (wrong != null) {
          var broken = new Verification.Break(number + 1, wrong);
          return new Verification.Chain(chain, number, head, broken);
        }
        number = link.number();
        head = link.hash();
      }
      links = next(chain, number);
    }
    return new Verification.Chain(chain, number, head, null);
  }

  private List<Audited> next(String chain, long number) {
    return read(() -> journal.chain(chain, number, WALK));
  }

  private static @Nullable String wrong(Audited link, long number, String previous) {
    if (link.number() != number) {
      return "it is missing: record " + link.number() + " follows";
    }
    if (!link.previous().equals(previous)) {
      return "it does not follow on the record before it";
    }
    return link.intact() ? null : "it is not what was written";
  }

  private static <T> T read(Supplier<T> query) {
    try {
      return query.get();
    } catch (JournalFault down) {
      throw new AuditUnavailable(String.valueOf(down.getMessage()), down);
    }
  }
}

package io.fermata.audit;

import io.fermata.journal.Change;
import io.fermata.journal.Journal;
import io.fermata.journal.NewEntry;
import io.fermata.metrics.Instruments;
import io.prometheus.metrics.core.metrics.Counter;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes it seen that somebody came in by a client certificate, past the issuer: a line of the log
 * and a count for each request, and an event for the first of each person in a while. Webhooks and
 * streams have the event at once. The request itself waits for nothing: the issuer is down, and
 * perhaps the journal too.
 */
public final class BreakGlass {
  /** Type of the event; its subject is {@code access}, its actor the certificate's subject. */
  public static final String TYPE = "access.break-glass";

  private static final Logger LOG = LoggerFactory.getLogger("fermata.audit");
  private static final JsonMapper JSON = new JsonMapper();

  private final Journal journal;
  private final AuditSettings settings;
  private final InstantSource time;
  private final Counter uses;

  /** When the last event of each was; as many as the configuration knows subjects. */
  private final Map<String, Long> told = new ConcurrentHashMap<>();

  /**
   * What the event says.
   *
   * @param asked method and path of the request that began it
   * @param remote the address that it came from
   */
  public record Use(String asked, String remote) {}

  public BreakGlass(
      Journal journal, AuditSettings settings, InstantSource time, Instruments instruments) {
    this.journal = journal;
    this.settings = settings;
    this.time = time;
    uses =
        instruments.counter(
            "fermata_break_glass_requests_total",
            "Requests of people who came with a client certificate instead of a token.");
  }

  /** Somebody known by that certificate asks for something. */
  public void used(String subject, Use use) {
    uses.inc();
    LOG.warn("BREAK-GLASS: {} came with a certificate: {}", subject, use);
    long now = time.millis();
    long pause = settings.breakGlassEvery().toMillis();
    boolean[] due = new boolean[1];
    told.compute(
        subject,
        (who, last) -> {
          due[0] = last == null || Math.abs(now - last) >= pause;
          return due[0] ? Long.valueOf(now) : last;
        });
    if (due[0]) {
      tell(subject, use);
    }
  }

  private void tell(String subject, Use use) {
    var entry = new NewEntry(TYPE, "access", subject, JSON.writeValueAsString(use));
    var _ =
        journal
            .append(Change.of(entry))
            .whenComplete((done, fault) -> {
              if (fault != null) {
                told.remove(subject); // the next request tries again
                LOG.error("BREAK-GLASS: no event of {}: {}", subject, fault.getMessage());
              }
            });
  }
}

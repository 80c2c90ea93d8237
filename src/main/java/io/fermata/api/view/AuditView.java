package io.fermata.api.view;

import io.fermata.audit.AuditPage;
import io.fermata.audit.Deed;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One audit record; what {@link Deed} says.
 *
 * @param chain the chain that it is a link of, and its {@code number} there
 * @param hash SHA-256, in hex, of the record and of the hash before it
 */
public record AuditView(
    String chain,
    long number,
    Instant time,
    String actor,
    String mechanism,
    String remote,
    String action,
    String subject,
    String decision,
    @Nullable String reason,
    String requestId,
    String request,
    @Nullable Integer status,
    @Nullable String code,
    @Nullable Long versionBefore,
    @Nullable Long versionAfter,
    boolean replayed,
    String hash) {
  /** The view of a record. */
  public static AuditView of(AuditPage.Item item) {
    Deed deed = item.deed();
    Deed.Details details = deed.details();
    return new AuditView(
        item.chain(),
        item.number(),
        Instant.ofEpochMilli(deed.timeMillis()),
        deed.actor(),
        details.mechanism(),
        details.remote(),
        deed.action(),
        deed.subject(),
        deed.decision().name().toLowerCase(Locale.ROOT),
        details.reason(),
        details.request(),
        details.asked(),
        details.status(),
        details.code(),
        details.before(),
        details.after(),
        details.replayed(),
        item.hash());
  }
}

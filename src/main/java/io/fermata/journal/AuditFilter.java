package io.fermata.journal;

import org.jspecify.annotations.Nullable;

/**
 * Which audit records to list; null means any.
 *
 * @param action the word, or the beginning of it up to a dot
 * @param sinceMillis from then on, epoch milliseconds
 * @param untilMillis before then
 */
public record AuditFilter(
    @Nullable String actor,
    @Nullable String action,
    @Nullable String subject,
    @Nullable String decision,
    @Nullable Long sinceMillis,
    @Nullable Long untilMillis) {
  /** All of them. */
  public static final AuditFilter ALL = new AuditFilter(null, null, null, null, null, null);

  boolean matches(NewAudit record) {
    return (actor == null || actor.equals(record.actor()))
        && (action == null
            || action.equals(record.action())
            || record.action().startsWith(action + "."))
        && (subject == null || subject.equals(record.subject()))
        && (decision == null || decision.equals(record.decision()))
        && (sinceMillis == null || record.timeMillis() >= sinceMillis)
        && (untilMillis == null || record.timeMillis() < untilMillis);
  }
}

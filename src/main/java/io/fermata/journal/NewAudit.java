package io.fermata.journal;

/**
 * A record to be appended to the audit chain.
 *
 * @param timeMillis when it happened, epoch milliseconds; it may be written later
 * @param actor who
 * @param action what, a dotted word such as {@code migrations.abort}
 * @param subject to what, usually an id; may be empty
 * @param decision what became of it
 * @param data everything else, JSON text made by the room that audits
 */
public record NewAudit(
    long timeMillis, String actor, String action, String subject, String decision, String data) {}

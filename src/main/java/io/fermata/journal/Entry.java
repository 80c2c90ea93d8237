package io.fermata.journal;

/**
 * One durable record.
 *
 * @param seq place in the journal, from 1, strictly increasing and without gaps, also over restarts
 * @param timeMillis wall clock at which the writer took it, epoch milliseconds; may step back
 * @param type what happened, dotted words such as {@code migration.phase}
 * @param subject what it happened to, usually an id
 * @param actor who caused it
 * @param data JSON text made by the room that owns the type
 */
public record Entry(
    long seq, long timeMillis, String type, String subject, String actor, String data) {}

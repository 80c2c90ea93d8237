package io.fermata.journal;

/** An {@link Entry} that is yet to be written: the journal gives it its seq and time. */
public record NewEntry(String type, String subject, String actor, String data) {}

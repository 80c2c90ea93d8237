package io.fermata.journal;

/**
 * A small thing that is replaced as a whole.
 *
 * @param kind what it is; the room that owns the kind makes the data
 * @param version 1 for the inserted one, one more with each replacement
 * @param data JSON text
 */
public record Document(String kind, String id, long version, String data) {}

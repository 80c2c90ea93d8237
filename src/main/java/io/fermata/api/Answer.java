package io.fermata.api;

/**
 * A resource in both its forms.
 *
 * @param json what a program reads
 * @param text what a person reads: lines of at most 100 columns, the last one {@code next:}
 */
public record Answer(Object json, String text) {}

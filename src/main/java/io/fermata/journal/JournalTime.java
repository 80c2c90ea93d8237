package io.fermata.journal;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The clocks that a journal is given.
 *
 * @param wall stamps entries and ages keys
 * @param nanos measures how long an append takes; only differences mean something
 */
public record JournalTime(InstantSource wall, LongSupplier nanos) {}

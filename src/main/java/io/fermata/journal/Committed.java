package io.fermata.journal;

import java.util.List;

/** What a change became: its entries with seq and time, all durable. */
public record Committed(List<Entry> entries) {}

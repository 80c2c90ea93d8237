package io.fermata.migration.trace;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One span of a trace; times are nanoseconds of the epoch.
 *
 * @param id which part it is of its trace, by a digest of what it is
 * @param parent null for the root
 * @param attributes text and whole numbers
 * @param links the root spans of other traces that belong to it
 * @param error what went wrong, or null
 */
record Span(
    Id id,
    @Nullable String parent,
    String name,
    long startNanos,
    long endNanos,
    Map<String, Object> attributes,
    List<Id> links,
    @Nullable String error) {

  /** Trace and span as W3C writes them. */
  record Id(String trace, String span) {}
}

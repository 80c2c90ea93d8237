package io.fermata.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** A migration has one trace, everywhere and after every restart. */
class TraceIdTest {
  @Test
  void traceAndSpansAreWrittenAsW3cWantsAndAreAlwaysTheSame() {
    String parent = TraceId.parent("m1", "quiesce");
    assertTrue(parent.matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01"), parent);
    assertEquals(parent, TraceId.parent("m1", "quiesce"));
    assertEquals(TraceId.of("m1"), parent.substring(3, 35));
    assertNotEquals(TraceId.of("m1"), TraceId.of("m2"));
    assertNotEquals(TraceId.span("m1", "quiesce"), TraceId.span("m1", "freeze"));
  }
}

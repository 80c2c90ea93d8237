package io.fermata.agent;

import io.fermata.handover.message.Request;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Requests of an orchestrator in the agent's log, with the trace that they belong to. At DEBUG:
 * they come by the hundred in the blackout, and a slow log must not be in their way unasked.
 */
final class TraceLog {
  private static final Logger LOG = LoggerFactory.getLogger(TraceLog.class);

  private TraceLog() {}

  static void asked(String type, Request request, @Nullable String traceparent) {
    if (!LOG.isDebugEnabled()) {
      return;
    }
    String[] parts = traceparent == null ? new String[0] : traceparent.split("-", 4);
    boolean whole = parts.length == 4 && parts[1].matches("[0-9a-f]{32}");
    LOG.atLevel(Level.DEBUG)
        .addKeyValue("migration", request.header().migration().value())
        .addKeyValue("epoch", request.header().epoch().number())
        .addKeyValue("trace_id", whole ? parts[1] : "none")
        .log("asked to {}", type);
  }
}

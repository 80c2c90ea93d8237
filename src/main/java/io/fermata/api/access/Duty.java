package io.fermata.api.access;

import java.util.Locale;

/** What somebody may do; one caller may have several. */
public enum Duty {
  /** Look at everything but the audit. */
  VIEWER,
  /** Start, abort, drain. */
  OPERATOR,
  /** Also limits, inventory, quarantine, reset. */
  ADMIN,
  /** Decide where a set runs of which no agent can tell; nobody else may, not even an admin. */
  RESOLVER,
  /** Look at everything, and at the audit. */
  AUDITOR,
  /** Scrape the metrics. */
  METRICS;

  /** As it is written in settings and shown. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package io.fermata.agent;

import io.fermata.handover.MigrationId;

/** Somebody asked to see a claim that this agent does not know. */
final class NoSuchClaim extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NoSuchClaim(MigrationId migration) {
    super("this agent knows no claim " + migration);
  }
}

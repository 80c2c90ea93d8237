package io.fermata.agent.stream;

import io.fermata.handover.MigrationId;

/** How fast a source may send: asked before every frame, and blocks as long as it has to wait. */
@FunctionalInterface
public interface Pace {
  /** As fast as the peer takes it. */
  Pace UNLIMITED = (migration, bytes) -> {};

  void before(MigrationId migration, int bytes);
}

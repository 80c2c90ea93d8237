package io.fermata.migration;

import io.fermata.handover.Side;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A migration under way in this orchestrator: its durable state and everything that a restart would
 * forget.
 */
final class Run {
  private final SideRun source = new SideRun();
  private final SideRun destination = new SideRun();
  private final Map<Phase, Long> entered = new EnumMap<>(Phase.class);
  private Migration migration;
  private long rowVersion;
  private long durableVersion;
  private boolean waitsForJournal;
  private boolean lost;
  private @Nullable Long wake;

  /** A migration whose row in the journal has that version. */
  Run(Migration migration, long rowVersion) {
    this.migration = migration;
    this.rowVersion = rowVersion;
    this.durableVersion = migration.version();
  }

  /** The version that the row has once everything sent to the journal is there. */
  long rowVersion() {
    return rowVersion;
  }

  void rowVersion(long version) {
    rowVersion = version;
  }

  Migration migration() {
    return migration;
  }

  void become(Migration next, long nowNanos) {
    if (next.phase() != migration.phase()) {
      entered.put(next.phase(), nowNanos);
      source.newPhase();
      destination.newPhase();
    }
    migration = next;
  }

  SideRun on(Side side) {
    return side == Side.SOURCE ? source : destination;
  }

  Map<Phase, Long> entered() {
    return entered;
  }

  /** The version that is on disk. */
  long durableVersion() {
    return durableVersion;
  }

  void durable(long version) {
    durableVersion = Math.max(durableVersion, version);
  }

  /** Nothing is decided until what was decided is on disk. */
  boolean waitsForJournal() {
    return waitsForJournal;
  }

  void waitForJournal(boolean wait) {
    waitsForJournal = wait;
  }

  /** Another orchestrator owns it now. */
  boolean lost() {
    return lost;
  }

  void lose() {
    lost = true;
  }

  /** When it is to be looked at again, epoch milliseconds. */
  Optional<Long> wake() {
    return Optional.ofNullable(wake);
  }

  void wakeAt(long millis) {
    wake = millis;
  }

  Live live(Terms terms, @Nullable Integer position) {
    return LiveView.of(this, terms, position);
  }
}

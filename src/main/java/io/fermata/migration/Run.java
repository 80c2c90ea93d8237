package io.fermata.migration;

import io.fermata.handover.Side;
import io.fermata.journal.Term;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
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
  private Term holder;
  private long durableVersion;
  private boolean waitsForJournal;
  private boolean lost;
  private boolean takenUp = true;
  private @Nullable Long wake;
  private @Nullable Long bandwidth;
  private final List<Consumer<Boolean>> settling = new ArrayList<>();
  private @Nullable Rehearsed rehearsed;
  private boolean mayStart;
  private boolean mayDarken;
  private @Nullable Long readySince;
  private boolean fromBefore;

  /** The last dry run of a resolution: what was said, about which version. */
  record Rehearsed(Resolution resolution, long version, String confirm) {}

  /** A migration whose row in the journal has that version. */
  Run(Migration migration, long rowVersion) {
    this.migration = migration;
    this.rowVersion = rowVersion;
    this.holder = new Term(migration.epoch().owner(), migration.epoch().number());
    this.durableVersion = migration.version();
  }

  /** The version that the row has once everything sent to the journal is there. */
  long rowVersion() {
    return rowVersion;
  }

  void rowVersion(long version) {
    rowVersion = version;
  }

  /** Whose the row is once everything sent to the journal is there. */
  Term holder() {
    return holder;
  }

  void holder(Term next) {
    holder = next;
  }

  /** Whether it is ours on disk; until a take-over is there, somebody else may be quicker. */
  boolean isTakenUp() {
    return takenUp;
  }

  void takenUp(boolean kept) {
    takenUp = kept;
  }

  /** It was in the journal before this process drove it. */
  void fromBefore() {
    fromBefore = true;
  }

  boolean isFromBefore() {
    return fromBefore;
  }

  Migration migration() {
    return migration;
  }

  void become(Migration next, long nowNanos) {
    if (next.phase() != migration.phase()) {
      entered.put(next.phase(), nowNanos);
      readySince = null;
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

  /** What the source may send, bytes per second; null until somebody said so. */
  @Nullable Long bandwidth() {
    return bandwidth;
  }

  void bandwidth(long bytesPerSecond) {
    bandwidth = bytesPerSecond;
    source.renewSoon();
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

  /**
   * What was waited for is on disk. The guest is dark from the request that pauses it, and that is
   * sent only now.
   */
  void goOn(long nowNanos) {
    if (waitsForJournal && migration.phase() == Phase.QUIESCING) {
      entered.put(Phase.QUIESCING, nowNanos);
    }
    waitsForJournal = false;
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

  /** Tells once whether everything that was written up to now is on disk, or somebody else's. */
  void whenDurable(Consumer<Boolean> then) {
    settling.add(then);
  }

  void settled(boolean kept) {
    List<Consumer<Boolean>> told = List.copyOf(settling);
    settling.clear();
    told.forEach(each -> each.accept(kept));
  }

  void rehearsed(@Nullable Rehearsed last) {
    rehearsed = last;
  }

  /** The last dry run, which confirms one resolution. */
  Optional<Rehearsed> rehearsed() {
    return Optional.ofNullable(rehearsed);
  }

  /**
   * Something else is asked from here on: what was refused before is no answer to it, and who was
   * silent before has to be silent again.
   */
  void askAnew() {
    source.askAnew();
    destination.askAnew();
  }

  /** When it is to be looked at again, epoch milliseconds. */
  Optional<Long> wake() {
    return Optional.ofNullable(wake);
  }

  void wakeAt(long millis) {
    wake = millis;
  }

  /** Its places are given to it; it holds them until it is forgotten. */
  void letStart() {
    mayStart = true;
  }

  boolean mayStart() {
    return mayStart;
  }

  boolean waitsToStart() {
    return migration.phase() == Phase.QUEUED && !mayStart;
  }

  /**
   * What was in the journal before may be further than it says, as long as somebody may tell so.
   */
  Admission.Place place(Clearance clearance) {
    if (fromBefore && clearance.keepsBack(this).isPresent()) {
      return Admission.Place.KEPT_BACK;
    }
    return mayStart ? Admission.Place.FREE : Admission.Place.TAKEN;
  }

  /** One of the blackouts is given to it. */
  void letDarken() {
    mayDarken = true;
  }

  boolean mayDarken() {
    return mayDarken;
  }

  /**
   * Whether it has all that it needs to go dark but the right to, as seen now. A right that it
   * cannot use any more it gives back; what it waited counts as long as it stays ready.
   */
  void ready(boolean now, long nowMillis) {
    if (!now) {
      mayDarken = false;
      readySince = null;
    } else if (readySince == null) {
      readySince = nowMillis;
    }
  }

  boolean waitsToDarken() {
    return readySince != null && !mayDarken;
  }

  /** Since when it waits to go dark, epoch milliseconds. */
  long readySince() {
    return readySince == null ? 0 : readySince;
  }

  Live live(Terms terms, LiveView.@Nullable Standing standing) {
    return LiveView.of(this, terms, standing);
  }
}

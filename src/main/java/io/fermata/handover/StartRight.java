package io.fermata.handover;

import static io.fermata.handover.Claim.refuse;

import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Refusal.Code;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The right to run a copy as its destination's facts have it: taken on a seal or on an operator's
 * word, or given up for ever. It changes by facts alone.
 */
final class StartRight {
  private final Set<Stop> voids = new LinkedHashSet<>();
  private Receipt.@Nullable Sealed started;
  private Receipt.@Nullable Adopted adopted;
  private boolean abandoned;
  private boolean overruled;

  void apply(Fact fact) {
    switch (fact) {
      case Fact.Started f -> started = f.receipt();
      case Fact.Adopted f -> {
        adopted = f.receipt();
        var r = f.receipt();
        started = new Receipt.Sealed(r.migration(), r.stop(), r.destination(), List.of());
      }
      case Fact.Voided f -> giveUp(f.stop());
      case Fact.Overruled f -> {
        giveUp(f.stop());
        overruled = true;
      }
      case Fact.Abandoned f -> abandoned = true;
      default -> throw new IllegalArgumentException(fact + " is no fact of a destination");
    }
  }

  private void giveUp(Stop stop) {
    voids.add(stop);
    abandoned = true;
    started = null;
    adopted = null;
  }

  /** What the right was taken on, or null while it is not here. */
  Receipt.@Nullable Sealed started() {
    return started;
  }

  /** Whether somebody else had paused the guest at the source: it stays so here. */
  boolean leavesPaused() {
    return started != null && started.leavesPaused();
  }

  /** The operator's word that it was taken on, or null. */
  Receipt.@Nullable Adopted adopted() {
    return adopted;
  }

  /** Whether that stop, or whatever may still come, was given up here. */
  boolean gaveUp(Stop stop) {
    return isVoid(stop) || isGivenUp();
  }

  /** Whether nothing of this claim will start any more. */
  boolean isGivenUp() {
    return abandoned;
  }

  /** Whether it was given up on an operator's word, so that something may still run. */
  boolean isOverruled() {
    return overruled;
  }

  boolean isVoid(Stop stop) {
    return voids.contains(stop);
  }

  /** Refuses what is not about the stop that was started; empty where none was. */
  Optional<Refusal> another(Stop stop) {
    return started == null || started.stop().equals(stop)
        ? Optional.empty()
        : refuse(Code.OTHER_STOP, "stop " + started.stop() + " was started here");
  }

  /** The receipts of what was decided for good, but for the start. */
  Stream<Receipt> receipts(MigrationId migration, HostName self) {
    Stream<Receipt> given = voids.stream().map(v -> new Receipt.Voided(migration, v, self));
    return Stream.concat(Stream.ofNullable(adopted), given);
  }
}

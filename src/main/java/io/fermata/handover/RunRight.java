package io.fermata.handover;

import static io.fermata.handover.Claim.refuse;

import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Refusal.Code;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The right to run a set as its source's facts have it: under which stop it is, whom the right was
 * given to, and on whose word it came back or went. It changes by facts alone.
 *
 * <pre>
 *            --Sealed (ready)-------->         --Released (started)--> theirs for good
 *    mine    --Yielded (operator)---->  theirs
 *            &lt;--Unsealed (void)--------
 *            &lt;--Reclaimed (operator)---
 * </pre>
 */
final class RunRight {
  private final ClaimSpec spec;
  private @Nullable Stop stop;
  private Receipt.@Nullable Sealed seal;
  private Receipt.@Nullable Started released;
  private Receipt.@Nullable Reclaimed reclaimed;
  private boolean yielded;

  RunRight(ClaimSpec spec) {
    this.spec = spec;
  }

  void apply(Fact fact) {
    switch (fact) {
      case Fact.Stopped f -> stop = f.stop();
      case Fact.Sealed f -> seal = f.receipt();
      case Fact.Unsealed f -> seal = null;
      case Fact.Released f -> released = f.receipt();
      case Fact.Reclaimed f -> {
        seal = null;
        reclaimed = f.receipt();
      }
      case Fact.Yielded f -> {
        var r = f.receipt();
        seal = new Receipt.Sealed(r.migration(), r.stop(), r.destination(), List.of());
        yielded = true;
      }
      default -> throw new IllegalArgumentException(fact + " is no fact of a source");
    }
  }

  /** The newest stop, or null before the first. */
  @Nullable Stop stop() {
    return stop;
  }

  /** Whom the right was given to, or null while it is here. */
  Receipt.@Nullable Sealed seal() {
    return seal;
  }

  Receipt.@Nullable Started released() {
    return released;
  }

  Receipt.@Nullable Reclaimed reclaimed() {
    return reclaimed;
  }

  /** Whether an operator gave it away, perhaps while the set ran here. */
  boolean yielded() {
    return yielded;
  }

  boolean isHere() {
    return seal == null;
  }

  /** Whether it was given away, and nobody has been seen to take it. */
  boolean isPending() {
    return !isHere() && released == null;
  }

  /** Whether the set is under that stop and no other. */
  boolean isUnder(Stop named) {
    return named.equals(stop);
  }

  /** A sealed source plans no hop, whatever its goal. */
  boolean mayMove() {
    return isHere();
  }

  /** A sealed source has no lease. */
  boolean mayLapse() {
    return isHere();
  }

  /** A sealed source does not go back at a word. */
  boolean mayReturn() {
    return isHere();
  }

  /** Whether what the copy asks for was done: the same answer is due. */
  boolean isSealedFor(Receipt.Ready ready) {
    return seal != null && seal.isFor(ready);
  }

  /** Model: {@code S_Unseal}: only on the void receipt of the destination that the seal names. */
  Optional<Refusal> unseals(Receipt.Voided voided) {
    if (seal == null) {
      return voided.stop().equals(stop)
          ? Optional.empty()
          : refuse(Code.NOT_SEALED, "there is no seal for stop " + voided.stop());
    }
    return released == null && seal.isLiftedBy(voided) ? Optional.empty() : isElsewhere();
  }

  /** The same on an operator's word; a right that never left needs none. */
  Optional<Refusal> reclaims(Stop asked, HostName destination) {
    if (!asked.equals(stop)) {
      return refuse(
          Code.OTHER_STOP, "the word is about stop " + asked + ", the set is under " + stop);
    }
    boolean named =
        seal != null && seal.stop().equals(asked) && seal.destination().equals(destination);
    return seal == null || (released == null && named) ? Optional.empty() : isElsewhere();
  }

  private Optional<Refusal> isElsewhere() {
    return released == null ? isSealed() : isReleased(released);
  }

  /** Model: {@code S_Release}: only on the start receipt of the destination that the seal names. */
  Optional<Refusal> releases(Receipt.Started started) {
    if (seal == null) {
      return refuse(
          Code.NOT_SEALED, "the set is not sealed; it is not for " + started.destination());
    }
    return seal.isTakenBy(started) ? Optional.empty() : isSealed();
  }

  /** Whether the set may be stopped for a new hand-over. */
  Optional<Refusal> stopsAnew() {
    if (released != null) {
      return isReleased(released);
    }
    if (reclaimed != null) {
      return refuse(Code.RESOLVED, reclaimed.word().actor() + " ended this hand-over");
    }
    return seal == null ? Optional.empty() : isSealed();
  }

  Optional<Refusal> isSealed() {
    return refuse(Code.SEALED, "stop " + stop + " is sealed for " + spec.peer());
  }

  private static Optional<Refusal> isReleased(Receipt.Started released) {
    return refuse(Code.RELEASED, "the set was released to " + released.destination());
  }

  /** The receipts that hold. */
  Stream<Receipt> receipts() {
    return Stream.<@Nullable Receipt>of(seal, released, reclaimed).flatMap(Stream::ofNullable);
  }
}

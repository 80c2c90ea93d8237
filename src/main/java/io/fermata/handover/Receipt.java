package io.fermata.handover;

import io.fermata.handover.message.ClaimReport.GuestState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an agent says after it is on its disk. Receipts are data: anybody may carry them, and they
 * stay true.
 */
public sealed interface Receipt {
  /** The migration that the receipt is about. */
  MigrationId migration();

  /** The stop generation that the receipt is about. */
  Stop stop();

  /** The destination that the receipt names. */
  HostName destination();

  /**
   * Its author's signature, or null. The core neither makes nor reads it: an agent signs what
   * leaves it, and checks and takes off what comes in before the core sees it.
   */
  @Nullable Attestation attestation();

  /** The same receipt with that signature. */
  Receipt attested(@Nullable Attestation attestation);

  /**
   * The destination holds a whole, digest-checked copy of that stop, every device in STOP; model:
   * {@code Ready}. The one receipt that is not on disk: a copy that is not started may be lost and
   * is then voided.
   */
  record Ready(
      MigrationId migration,
      Stop stop,
      HostName destination,
      List<ImageDigest> images,
      @Nullable Attestation attestation)
      implements Receipt {
    public Ready {
      images = List.copyOf(images);
    }

    public Ready(MigrationId migration, Stop stop, HostName destination, List<ImageDigest> images) {
      this(migration, stop, destination, images, null);
    }

    @Override
    public Receipt attested(@Nullable Attestation with) {
      return new Ready(migration, stop, destination, images, with);
    }
  }

  /**
   * The source gave the right to run that stop to that destination and to nobody else; model:
   * {@code SealAck}.
   *
   * @param guest HELD where somebody else had paused the guest before, else null
   */
  record Sealed(
      MigrationId migration,
      Stop stop,
      HostName destination,
      List<ImageDigest> images,
      @Nullable GuestState guest,
      @Nullable Attestation attestation)
      implements Receipt {
    public Sealed {
      images = List.copyOf(images);
    }

    /** Of a guest that ran before it was paused for the hand-over. */
    public Sealed(
        MigrationId migration, Stop stop, HostName destination, List<ImageDigest> images) {
      this(migration, stop, destination, images, null, null);
    }

    /** Whether the guest was paused by somebody else, and is to stay so. */
    boolean leavesPaused() {
      return guest == GuestState.HELD;
    }

    @Override
    public Receipt attested(@Nullable Attestation with) {
      return new Sealed(migration, stop, destination, images, guest, with);
    }

    /** Whether this is what the copy asks for, so that the same answer is due. */
    boolean isFor(Ready ready) {
      return stop.equals(ready.stop) && destination.equals(ready.destination);
    }

    /** Whether this takes the right back that this seal gave: that very stop, that destination. */
    boolean isLiftedBy(Voided voided) {
      return stop.equals(voided.stop) && destination.equals(voided.destination);
    }

    /** Whether the one that this seal names has started what it was given. */
    boolean isTakenBy(Started started) {
      return stop.equals(started.stop) && destination.equals(started.destination);
    }
  }

  /** The destination started that stop, and a device has left STOP; model: {@code StartAck}. */
  record Started(
      MigrationId migration, Stop stop, HostName destination, @Nullable Attestation attestation)
      implements Receipt {
    public Started(MigrationId migration, Stop stop, HostName destination) {
      this(migration, stop, destination, null);
    }

    @Override
    public Receipt attested(@Nullable Attestation with) {
      return new Started(migration, stop, destination, with);
    }
  }

  /** The destination gave that stop up for ever; model: {@code VoidAck}. */
  record Voided(
      MigrationId migration, Stop stop, HostName destination, @Nullable Attestation attestation)
      implements Receipt {
    public Voided(MigrationId migration, Stop stop, HostName destination) {
      this(migration, stop, destination, null);
    }

    @Override
    public Receipt attested(@Nullable Attestation with) {
      return new Voided(migration, stop, destination, with);
    }
  }

  /**
   * The source took the right to run that stop back from a destination of which an operator says
   * that it is fenced. That destination may never run the stop again, whatever it has on disk.
   */
  record Reclaimed(
      MigrationId migration,
      Stop stop,
      HostName destination,
      Testimony word,
      @Nullable Attestation attestation)
      implements Receipt {
    public Reclaimed(MigrationId migration, Stop stop, HostName destination, Testimony word) {
      this(migration, stop, destination, word, null);
    }

    @Override
    public Receipt attested(@Nullable Attestation with) {
      return new Reclaimed(migration, stop, destination, word, with);
    }
  }

  /**
   * The destination took the right to run that stop without a seal, on an operator's word that the
   * source is fenced. The source may never run the set again.
   */
  record Adopted(
      MigrationId migration,
      Stop stop,
      HostName destination,
      Testimony word,
      @Nullable Attestation attestation)
      implements Receipt {
    public Adopted(MigrationId migration, Stop stop, HostName destination, Testimony word) {
      this(migration, stop, destination, word, null);
    }

    @Override
    public Receipt attested(@Nullable Attestation with) {
      return new Adopted(migration, stop, destination, word, with);
    }
  }
}

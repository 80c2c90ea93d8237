package io.fermata.handover.message;

import io.fermata.handover.HostName;
import io.fermata.handover.Receipt;
import io.fermata.handover.Stop;
import io.fermata.handover.Testimony;
import org.jspecify.annotations.Nullable;

/**
 * What an orchestrator may ask of an agent. Every request may be sent again: it names a goal or a
 * fact, never a step. The comment says who may take it and what it waits for.
 */
public sealed interface Request {
  /** Claim, epoch and patience. */
  Header header();

  /** Source: take the devices. */
  record ClaimSource(Header header, ClaimSpec spec) implements Request {}

  /** Destination: take the devices and make them ready to load; waits for all in RESUMING. */
  record ClaimDestination(Header header, ClaimSpec spec) implements Request {}

  /** Source: track changes and stream while the guest runs; waits for all that can in PRE_COPY. */
  record PreCopy(Header header) implements Request {}

  /**
   * Source: new stop generation, guest paused, no device issues DMA; waits for gate 1. With {@code
   * onward} the source then freezes and copies as soon as each gate opens, without waiting for the
   * requests that ask for it; since version 2 of the protocol.
   */
  record Quiesce(Header header, @Nullable Boolean onward) implements Request {
    /** One after which the set waits at gate 1. */
    public Quiesce(Header header) {
      this(header, null);
    }

    /** Whether the set goes on through the gates. */
    public boolean goesOn() {
      return Boolean.TRUE.equals(onward);
    }
  }

  /** Source: freeze under that stop; waits for gate 2. */
  record Freeze(Header header, Stop stop) implements Request {}

  /** Source: stream every image to its end; waits until all are sent. */
  record Copy(Header header, Stop stop) implements Request {}

  /** Destination: waits until every image is loaded (gate 3). */
  record Load(Header header) implements Request {}

  /** Source: give the right to run that stop to the destination that is ready. */
  record Seal(Header header, Receipt.Ready ready) implements Request {}

  /** Destination: run; waits for gates 4 and 5. */
  record Start(Header header, Receipt.Sealed seal) implements Request {}

  /** Destination: give that stop (or, when none is known, the whole claim) up for ever. */
  record VoidCopy(Header header, @Nullable Stop stop) implements Request {}

  /** Source: take the right to run back and walk back; waits for all in RUNNING. */
  record Unseal(Header header, Receipt.Voided voided) implements Request {}

  /**
   * Source: take the right to run back from a destination that an operator vouches is fenced, and
   * walk back; waits for all in RUNNING.
   */
  record Reclaim(Header header, Stop stop, HostName destination, Testimony word)
      implements Request {}

  /**
   * Destination: run that stop without a seal, for an operator vouches that the source is fenced;
   * waits for gates 4 and 5.
   */
  record Adopt(Header header, Stop stop, Testimony word) implements Request {}

  /**
   * Destination: give up what was started and does not run, for an operator says so; waits until
   * the devices are free.
   */
  record Surrender(Header header, Stop stop, Testimony word) implements Request {}

  /** Source: walk back; waits for all in RUNNING. */
  record Return(Header header) implements Request {}

  /** Source: let the frozen state go; waits until the devices are free. */
  record Release(Header header, Receipt.Started started) implements Request {}

  /** Either side: the claim is over; refused while devices are not where they may be left. */
  record Close(Header header) implements Request {}

  /**
   * Either side: the lease begins anew; answers with the state. At a source the bytes per second,
   * if given, limit from now on what it sends for this migration; 0 ends the limit.
   */
  record Renew(Header header, @Nullable Long bytesPerSecond) implements Request {
    /** One that leaves the limit as it is. */
    public Renew(Header header) {
      this(header, null);
    }
  }
}

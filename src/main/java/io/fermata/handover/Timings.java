package io.fermata.handover;

/**
 * The agent's times, in nanoseconds of its own BOOTTIME clock.
 *
 * @param hopNanos how long a hop may take before its device counts as UNKNOWN
 * @param retryNanos pause before a failed hop of a walk back or a start is asked again
 * @param peerNanos pause before a receipt is repeated to the peer
 * @param startAttempts failed rounds after which a started destination that never moved gives the
 *     stop up
 * @param idleLeases leases of silence after which a claim whose set runs here closes itself
 */
public record Timings(
    long hopNanos, long retryNanos, long peerNanos, int startAttempts, int idleLeases) {
  public Timings {
    if (hopNanos <= 0
        || retryNanos <= 0
        || peerNanos <= 0
        || startAttempts <= 0
        || idleLeases <= 0) {
      throw new IllegalArgumentException(
          "fermata.agent.timings: hop, retry, peer, start-attempts, idle-leases must be above 0");
    }
  }
}

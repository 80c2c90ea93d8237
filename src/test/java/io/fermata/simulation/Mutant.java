package io.fermata.simulation;

/**
 * One rule dropped, where a port of the core can drop it: what the simulator must notice. What the
 * core decides within itself cannot be dropped from here.
 */
public enum Mutant {
  /** Model: {@code SealDurable}. A restart forgets every seal. */
  SEAL_FORGOTTEN,
  /** Model: {@code StartDurable}. A restart forgets that the destination started. */
  START_FORGOTTEN,
  /** Model: {@code VoidDurable}. A restart forgets what was given up. */
  VOID_FORGOTTEN,
  /** Model: {@code GenDurable}. A restart forgets stop numbers, and they begin anew. */
  STOP_FORGOTTEN,
  /** The slate says that facts are on disk before they are. */
  SYNC_LIES,
  /** Model: {@code StartNeedsSealAck}. The destination is started while the seal is asked for. */
  START_WITHOUT_SEAL,
  /** Model: {@code UnsealNeedsVoid}. A start that brings no answer is taken for a void. */
  UNSEAL_WITHOUT_VOID,
  /** Model: {@code KeepUntilStarted}. The source is released when the start is asked for. */
  RELEASE_WITHOUT_START,
  /** Model: {@code LocalBarrier}. A quiesce hop walks on to STOP, as the kernel does if asked. */
  LONG_HOPS,
  /** The success of SET is believed, and no state is read. */
  SET_BELIEVED,
  /** An image is taken whatever its digest. */
  DIGEST_UNCHECKED,
  /** A guest is called paused before it is. */
  PAUSE_BELIEVED,
  /** A journal without version checks: the last writer wins. */
  ROWS_UNCHECKED
}

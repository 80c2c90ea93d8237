package io.fermata.journal;

/** A refused change: its idempotency key is there already, with the answer that was given then. */
public final class KeyTaken extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Idempotency stored;

  public KeyTaken(Idempotency stored) {
    super("key " + stored.key() + " was used before");
    this.stored = stored;
  }

  /** What was stored under the key. */
  public Idempotency stored() {
    return stored;
  }
}

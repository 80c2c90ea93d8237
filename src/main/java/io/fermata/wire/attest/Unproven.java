package io.fermata.wire.attest;

/** A receipt that nobody has to believe. */
public final class Unproven extends Exception {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** What is wrong with it. */
  public enum Reason {
    /** It has no signature. */
    UNSIGNED,
    /** Its signature is none of the key in its certificate. */
    FORGED,
    /** No authority of ours vouches for its certificate, or not any more. */
    UNTRUSTED,
    /** It was signed, for another migration, set or host. */
    REBOUND
  }

  public Unproven(Reason reason, String detail) {
    super(detail);
    this.reason = reason;
  }

  Unproven(Reason reason, String detail, Exception cause) {
    super(detail, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}

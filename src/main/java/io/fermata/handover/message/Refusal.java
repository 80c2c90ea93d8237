package io.fermata.handover.message;

/**
 * Why a request was not taken. A refusal changes nothing.
 *
 * @param code stable, for programs
 * @param detail for people: names what is, what was asked, and what would help
 */
public record Refusal(Code code, String detail) {
  /** Every reason that an agent may give. */
  public enum Code {
    UNKNOWN_CLAIM,
    CLAIM_CLOSED,
    WRONG_SIDE,
    WRONG_HOST,
    OTHER_SPEC,
    STALE_EPOCH,
    RIVAL_EPOCH,
    UNKNOWN_DEVICE,
    DEVICE_CLAIMED,
    CANNOT_MIGRATE,
    LACKS_P2P,
    PART_OF_SET,
    DEVICE_NOT_RUNNING,
    SLATE_UNREADABLE,
    WALKING_BACK,
    NOT_QUIESCED,
    NOT_FROZEN,
    OTHER_STOP,
    OTHER_DESTINATION,
    OTHER_IMAGES,
    SEALED,
    NOT_SEALED,
    NOT_READY,
    VOIDED,
    STARTED,
    RELEASED,
    NOT_AT_REST,
    /** An operator ended this hand-over. */
    RESOLVED,
    /** A receipt without its author's signature, or with one that is about something else. */
    UNPROVEN_RECEIPT
  }
}

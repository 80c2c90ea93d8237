package io.fermata.journal;

import org.jspecify.annotations.Nullable;

/** The journal could not do what it was asked: a code and what was attempted. */
public final class JournalFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What kind of trouble it is. */
  public enum Code {
    /** The directory or the database cannot be opened. */
    OPEN_FAILED,
    /** The database contradicts itself: what it says cannot be believed. */
    DAMAGED,
    /** Another process works in the directory. */
    IN_USE,
    /** The database would acknowledge writes that are not on disk. */
    NOT_DURABLE,
    /** More changes wait than the configured limit. Nothing was queued; trying later is safe. */
    QUEUE_FULL,
    /** The batch could not be committed. Whether it is on disk is not known until it is read. */
    WRITE_FAILED,
    /** A query failed. */
    READ_FAILED,
    /** The journal is closed. Nothing was queued. */
    CLOSED
  }

  private final Code code;

  public JournalFault(Code code, String attempted) {
    this(code, attempted, null);
  }

  public JournalFault(Code code, String attempted, @Nullable Throwable cause) {
    super(code + ": " + attempted + (cause == null ? "" : ": " + cause.getMessage()), cause);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}

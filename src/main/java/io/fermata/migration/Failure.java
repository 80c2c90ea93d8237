package io.fermata.migration;

import org.jspecify.annotations.Nullable;

/**
 * What went wrong, for people and programs.
 *
 * @param host where, or null when it was nowhere in particular
 * @param device on which device, or null
 */
public record Failure(Code code, String detail, @Nullable String host, @Nullable String device) {
  /**
   * Every reason why a migration did not go through; the API's {@code error.code} and the metrics'
   * {@code reason}.
   */
  public enum Code {
    ABORTED,
    CHECK_FAILED,
    CLAIM_REFUSED,
    REQUEST_REFUSED,
    HOP_FAILED,
    DEVICE_ERROR,
    LOAD_FAILED,
    STREAM_BROKEN,
    DEADLINE,
    BUDGET_EXCEEDED,
    SOURCE_WALKED_BACK,
    DESTINATION_LOST,
    HOST_SILENT,
    START_FAILED,
    JOURNAL_UNAVAILABLE,
    EVIDENCE_MISSING,
    /** The journal was an older one, and the agents knew more of the migration than it did. */
    JOURNAL_RESTORED
  }

  /** Something that concerns no single device. */
  public static Failure of(Code code, String detail) {
    return new Failure(code, detail, null, null);
  }
}

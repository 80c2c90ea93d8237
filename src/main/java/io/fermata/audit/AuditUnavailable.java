package io.fermata.audit;

/** A record could not be written or read; what it is about was not done. */
public final class AuditUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  AuditUnavailable(String detail, Throwable cause) {
    super(detail, cause);
  }
}

package io.fermata.api.problem;

import java.util.Arrays;
import java.util.Locale;

/** What is wrong, for programs. A name that was published here keeps its meaning for ever. */
public enum ProblemCode {
  MALFORMED_BODY(400, "The body cannot be read"),
  BAD_REQUEST(400, "The request cannot be read"),
  UNAUTHENTICATED(401, "Nobody is known to ask"),
  FORBIDDEN(403, "The caller may not do this"),
  NOT_FOUND(404, "There is no such resource"),
  UNKNOWN_MIGRATION(404, "There is no such migration"),
  UNKNOWN_HOST(404, "There is no such host"),
  UNKNOWN_DEVICE(404, "There is no such device"),
  UNKNOWN_SUBSCRIPTION(404, "There is no such subscription"),
  UNKNOWN_DRAIN(404, "There is no such drain"),
  METHOD_NOT_ALLOWED(405, "The resource does not take this method"),
  NOT_ACCEPTABLE(406, "There is no such representation"),
  AMBIGUOUS_ID(409, "Several migrations begin like this"),
  PAST_COMMIT(409, "The point of no return has passed"),
  USE_RESOLVE(409, "An operator has to decide"),
  ENDED(409, "The migration is over"),
  NOT_ENDED(409, "The migration is not over"),
  NOT_NOW(409, "Not possible in this phase"),
  NOT_PARKED(409, "The migration waits for nobody"),
  RESOLVED_ALREADY(409, "An operator has decided"),
  RESOLUTION_REFUSED(409, "A fact is against the decision"),
  HOST_IN_USE(409, "Something depends on the host"),
  RESET_REFUSED(409, "The device must not be reset"),
  SUCCEEDED_ALREADY(409, "The migration succeeded"),
  ADMISSION_PAUSED(409, "Nothing starts now"),
  DRAIN_EXISTS(409, "The host is being drained"),
  DRAIN_ENDED(409, "The drain is over or called off"),
  WEBHOOKS_OFF(409, "No webhooks are allowed"),
  NOT_QUARANTINED(409, "Nothing waits to be accepted"),
  HOSTS_SILENT(409, "Some hosts have not said what they remember"),
  KEY_IN_USE(409, "The idempotency key is in use"),
  STALE_VERSION(412, "The migration has changed since"),
  BODY_TOO_LARGE(413, "The body is too large"),
  URI_TOO_LONG(414, "The address is too long"),
  UNSUPPORTED_MEDIA_TYPE(415, "The body has no known type"),
  INVALID_REQUEST(422, "The request is not valid"),
  CHECKS_FAILED(422, "The prechecks forbid this migration"),
  SET_SPANS_HOSTS(422, "The set spans several hosts"),
  KEY_REUSED(422, "The idempotency key belongs to another request"),
  UNCONFIRMED(422, "No dry run confirms this"),
  VERSION_REQUIRED(428, "The request must name the version that it decides on"),
  QUEUE_FULL(429, "The queue is full"),
  TOO_MANY_CLIENTS(429, "Too many clients are waiting"),
  TOO_MANY_REQUESTS(429, "The caller asks too often"),
  HEADERS_TOO_LARGE(431, "The headers are too large"),
  INTERNAL(500, "The server failed"),
  NOT_IMPLEMENTED(501, "The server does not know this method"),
  OWNER_ELSEWHERE(503, "Another replica drives the migration"),
  AGENT_UNREACHABLE(503, "The host's agent does not answer"),
  JOURNAL_UNAVAILABLE(503, "The journal cannot be used"),
  AUDIT_UNAVAILABLE(503, "The audit trail cannot be used"),
  RECOVERY_QUARANTINE(503, "The journal waits to be accepted");

  private final int status;
  private final String title;

  ProblemCode(int status, String title) {
    this.status = status;
    this.title = title;
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** A short sentence that is the same each time. */
  public String title() {
    return title;
  }

  /** Whether the same request may go through later, unchanged. */
  public boolean retryable() {
    return switch (this) {
      case ADMISSION_PAUSED,
          KEY_IN_USE,
          QUEUE_FULL,
          TOO_MANY_CLIENTS,
          TOO_MANY_REQUESTS,
          INTERNAL,
          OWNER_ELSEWHERE,
          JOURNAL_UNAVAILABLE,
          AUDIT_UNAVAILABLE,
          RECOVERY_QUARANTINE ->
          true;
      default -> false;
    };
  }

  /** The problem's {@code type}: a name, not an address. */
  public String type() {
    return "urn:fermata:problem:" + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The code for a status that the server itself gave. */
  public static ProblemCode ofStatus(int status) {
    return Arrays.stream(values())
        .filter(code -> code.status == status)
        .findFirst()
        .orElse(status >= 500 ? INTERNAL : BAD_REQUEST);
  }
}

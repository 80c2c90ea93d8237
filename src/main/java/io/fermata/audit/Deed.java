package io.fermata.audit;

import org.jspecify.annotations.Nullable;

/**
 * One request that would change something, or what became of it.
 *
 * @param timeMillis when, epoch milliseconds
 * @param actor who, as authenticated
 * @param action what, a dotted word such as {@code migrations.abort}
 * @param subject to what, usually an id; empty where it has no name yet
 */
public record Deed(
    long timeMillis,
    String actor,
    String action,
    String subject,
    Decision decision,
    Details details) {

  /** What became of it. */
  public enum Decision {
    /** It is about to be tried; another record with the same request id tells what came of it. */
    ATTEMPT,
    /** Done. */
    DONE,
    /** Whoever asked may not. */
    DENIED,
    /** The request was wrong, or not possible where things stand. */
    REFUSED,
    /** The server failed. */
    FAILED
  }

  /**
   * The rest.
   *
   * @param mechanism how the server knows the actor, {@code none} where it does not
   * @param remote the address that the request came from
   * @param request the request's id
   * @param asked method, path and query
   * @param reason why, in the actor's words, or null
   * @param status the HTTP status of the answer, or null before there is one
   * @param code the problem's code, or null
   * @param before the subject's version before, or null
   * @param after the subject's version after, or null
   * @param replayed whether an earlier answer was given once more
   */
  public record Details(
      String mechanism,
      String remote,
      String request,
      String asked,
      @Nullable String reason,
      @Nullable Integer status,
      @Nullable String code,
      @Nullable Long before,
      @Nullable Long after,
      boolean replayed) {}
}

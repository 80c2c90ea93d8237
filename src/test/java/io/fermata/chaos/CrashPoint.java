package io.fermata.chaos;

import java.util.Locale;

/**
 * Where an orchestrator dies: at the first request of that name since it was told so.
 *
 * @param request the simple name of the request's class; of no meaning when submitted
 */
record CrashPoint(Moment moment, String request) {

  /** When, in relation to the request. */
  enum Moment {
    /** The order is in the journal and nothing else has happened. */
    SUBMITTED,
    /** The request was decided and never sent. */
    BEFORE,
    /** It has just left. */
    SENT,
    /** The agent has done it and the orchestrator has not heard of it. */
    ANSWERED
  }

  static CrashPoint parse(String text) {
    String[] words = text.split(":", 2);
    return new CrashPoint(Moment.valueOf(words[0].toUpperCase(Locale.ROOT)), words[1]);
  }

  boolean is(Moment at, String asked) {
    return moment == at && request.equals(asked);
  }

  @Override
  public String toString() {
    return moment + ":" + request;
  }
}

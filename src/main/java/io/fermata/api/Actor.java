package io.fermata.api;

import jakarta.servlet.http.HttpServletRequest;

/** Who asks, as far as the server authenticated it. */
final class Actor {
  private Actor() {}

  /** The user's name, or {@code anonymous}; another replica's word for it where that one asked. */
  static String of(HttpServletRequest request) {
    if (request.getAttribute(Forwarding.ACTOR) instanceof String vouched) {
      return vouched;
    }
    String user = request.getRemoteUser();
    return user == null ? "anonymous" : user;
  }
}

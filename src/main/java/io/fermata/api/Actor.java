package io.fermata.api;

import jakarta.servlet.http.HttpServletRequest;

/** Who asks, as far as the server authenticated it. */
final class Actor {
  private Actor() {}

  /** The user's name, or {@code anonymous}. */
  static String of(HttpServletRequest request) {
    String user = request.getRemoteUser();
    return user == null ? "anonymous" : user;
  }
}

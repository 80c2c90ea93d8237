package io.fermata.api;

import io.fermata.api.access.Caller;
import jakarta.servlet.http.HttpServletRequest;

/** Who asks, as far as the server authenticated it. */
final class Actor {
  /**
   * The request attribute with the name of whoever asks, for filters that refuse a request before
   * it carries its user: what was tried in whose name is audited too.
   */
  static final String NAME = Actor.class.getName() + ".name";

  private static final String NOBODY = "anonymous";

  private Actor() {}

  /** The user's name, or {@code anonymous}; another replica's word for it where that one asked. */
  static String of(HttpServletRequest request) {
    if (request.getAttribute(Forwarding.ACTOR) instanceof String vouched) {
      return vouched;
    }
    String user = request.getRemoteUser();
    if (user == null && request.getAttribute(NAME) instanceof String name) {
      user = name;
    }
    if (user == null) {
      user = Caller.of(request).map(Caller::name).orElse(null);
    }
    return user == null ? NOBODY : user;
  }

  /** How the server knows it, such as {@code CLIENT_CERT}; {@code none} where it does not. */
  static String mechanism(HttpServletRequest request) {
    String type = request.getAuthType();
    if (type == null) {
      type = Caller.of(request).map(caller -> caller.mechanism().name()).orElse(null);
    }
    return type == null ? "none" : type;
  }
}

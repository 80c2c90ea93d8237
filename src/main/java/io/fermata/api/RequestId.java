package io.fermata.api;

import jakarta.servlet.http.HttpServletRequest;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** One request by a name that client, log and audit share: the header {@code X-Request-Id}. */
final class RequestId {
  /** Of the request and of its answer. */
  static final String HEADER = "X-Request-Id";

  private static final String ATTRIBUTE = RequestId.class.getName();
  private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9._:/+=@-]{1,64}");
  private static final RandomGenerator RANDOM = RandomGenerator.of("SecureRandom");

  private RequestId() {}

  /** The caller's id if it sent a plain one, else one of ours; the same for the whole request. */
  static String of(HttpServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof String known) {
      return known;
    }
    String given = request.getHeader(HEADER);
    String id =
        given != null && ALLOWED.matcher(given).matches()
            ? given
            : HexFormat.of().toHexDigits(RANDOM.nextLong());
    request.setAttribute(ATTRIBUTE, id);
    return id;
  }
}

package io.fermata.api.request;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names and values as a query string or a form body writes them. */
final class UrlEncoded {
  private UrlEncoded() {}

  /**
   * Every name with its values, in the order given.
   *
   * @throws Refused if an escape is broken
   */
  static Map<String, List<String>> parse(@Nullable String text) {
    Map<String, List<String>> found = new LinkedHashMap<>();
    if (text == null) {
      return found;
    }
    for (String part : text.split("&", -1)) {
      if (!part.isEmpty()) {
        int equals = part.indexOf('=');
        String name = decode(equals < 0 ? part : part.substring(0, equals));
        String value = equals < 0 ? "" : decode(part.substring(equals + 1));
        found.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
      }
    }
    return found;
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, UTF_8);
    } catch (IllegalArgumentException e) {
      throw Refused.because(ProblemCode.BAD_REQUEST, "broken escape in '" + text + "'");
    }
  }
}

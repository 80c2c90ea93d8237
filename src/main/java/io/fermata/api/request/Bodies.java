package io.fermata.api.request;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fermata.api.Json;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Bodies: a JSON object, or a form for what is flat. */
public final class Bodies {
  private Bodies() {}

  /**
   * The fields of the body; an absent body has none.
   *
   * @throws Refused if it is of another type or cannot be read
   */
  public static Given of(HttpServletRequest request) {
    byte[] body = (byte[]) request.getAttribute(BufferedRequest.BODY);
    if (request.getHeader("Content-Encoding") != null) {
      throw unsupported("a Content-Encoding");
    }
    if (body == null || body.length == 0) {
      return Given.words(Map.of());
    }
    MediaType type = type(request.getContentType());
    if (MediaType.APPLICATION_FORM_URLENCODED.equalsTypeAndSubtype(type)) {
      return Given.words(UrlEncoded.parse(new String(body, UTF_8)));
    }
    if (MediaType.APPLICATION_JSON.equalsTypeAndSubtype(type)) {
      return Given.json(object(body));
    }
    throw unsupported(type.toString());
  }

  /** The body as it came, for whoever only hands it on. */
  public static byte[] raw(HttpServletRequest request) {
    byte[] body = (byte[]) request.getAttribute(BufferedRequest.BODY);
    return body == null ? new byte[0] : body.clone();
  }

  private static ObjectNode object(byte[] body) {
    try {
      JsonNode node = Json.read(body);
      if (node instanceof ObjectNode object) {
        return object;
      }
      String what = node.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
      throw Refused.because(
          ProblemCode.MALFORMED_BODY, "the body must be one JSON object, is " + what);
    } catch (JacksonException e) {
      throw Refused.because(
          ProblemCode.MALFORMED_BODY, "not valid JSON" + place(e.getLocation()) + cause(e));
    }
  }

  private static String place(@Nullable TokenStreamLocation at) {
    return at == null || at.getLineNr() < 1
        ? ""
        : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
  }

  private static String cause(JacksonException e) {
    String message = e.getOriginalMessage();
    return message == null ? "" : ": " + message.lines().findFirst().orElse("");
  }

  private static MediaType type(@Nullable String header) {
    if (header == null) {
      throw unsupported("no Content-Type");
    }
    try {
      return MediaType.parseMediaType(header);
    } catch (InvalidMediaTypeException e) {
      throw unsupported("'" + header.replaceAll("\\p{Cntrl}", "?") + "'");
    }
  }

  private static Refused unsupported(String got) {
    return Refused.because(
        ProblemCode.UNSUPPORTED_MEDIA_TYPE,
        "send application/json or application/x-www-form-urlencoded; got " + got);
  }
}

package io.fermata.api.request;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fermata.api.problem.Refused;
import io.fermata.api.problem.Violation;
import io.fermata.migration.Migrations;
import jakarta.servlet.http.HttpServletRequest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The header {@code Idempotency-Key}: same key and same request, same answer. */
public final class IdempotencyKey {
  /** The request's header. */
  public static final String HEADER = "Idempotency-Key";

  /** The response's header: the answer was given before. */
  public static final String REPLAYED = "Idempotency-Replayed";

  private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9._:/+=@-]{1,128}");

  private IdempotencyKey() {}

  /**
   * The key with the digest of the request, or null where none was sent. Who asks is part of the
   * request: nobody is told what was answered to somebody else.
   *
   * @param actor who asks
   * @param what method and path, with ids written in full
   * @throws Refused if the key is not well formed
   */
  public static Migrations.@Nullable Key of(
      HttpServletRequest request, String actor, String what, Given body) {
    String key = key(request);
    String all = actor + "\n" + what + "\n" + body.canonical();
    return key == null ? null : new Migrations.Key(key, digest(all));
  }

  private static @Nullable String key(HttpServletRequest request) {
    List<String> values = Collections.list(request.getHeaders(HEADER));
    if (values.isEmpty()) {
      return null;
    }
    String key = values.getFirst().strip();
    // The IETF draft writes the key as a quoted string; people write it bare.
    if (key.length() > 1 && key.startsWith("\"") && key.endsWith("\"")) {
      key = key.substring(1, key.length() - 1);
    }
    if (values.size() > 1 || !ALLOWED.matcher(key).matches()) {
      throw Refused.field(
          HEADER,
          Violation.BAD_VALUE,
          "is given once and has 1 to 128 letters, digits and ._:/+=@- characters");
    }
    return key;
  }

  private static String digest(String text) {
    try {
      byte[] sum = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return HexFormat.of().formatHex(sum);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}

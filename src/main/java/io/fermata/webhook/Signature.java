package io.fermata.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Proves that a delivery is ours and when it was sent: HMAC-SHA256 over time, a dot and the body,
 * once with each active secret, so that a secret can be changed while deliveries go on.
 */
final class Signature {
  static final String HEADER = "Fermata-Signature";

  private Signature() {}

  /** The header's value: {@code t=SECONDS,v1=HEX,v1=HEX}. */
  static String of(List<String> secrets, long epochSeconds, byte[] body) {
    StringBuilder value = new StringBuilder("t=" + epochSeconds);
    for (String secret : secrets) {
      value.append(",v1=").append(mac(secret, epochSeconds, body));
    }
    return value.toString();
  }

  private static String mac(String secret, long epochSeconds, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
      mac.update((epochSeconds + ".").getBytes(UTF_8));
      return HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HMAC-SHA256", e);
    }
  }
}

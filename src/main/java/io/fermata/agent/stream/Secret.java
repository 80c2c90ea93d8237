package io.fermata.agent.stream;

import io.fermata.device.DeviceName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.wire.attest.Attestor;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The one-time token of a migration, bound to the migration, its set and one device of it. Neither
 * end says it: each proves that it knows it by a keyed sum over what it says, so who listens learns
 * nothing that lets another stream in.
 */
final class Secret {
  private static final String ALGORITHM = "HmacSHA256";
  private static final String BETWEEN = "\n";

  private final byte[] token;
  private final String bound;

  /**
   * The secret of one device's stream.
   *
   * @param side which of the two the spec was given to
   * @param device its name at the destination
   */
  Secret(MigrationId migration, ClaimSpec spec, Side side, DeviceName device) {
    this.token = spec.token().getBytes(StandardCharsets.UTF_8);
    this.bound = String.join(BETWEEN, migration.value(), Attestor.set(spec, side), device.value());
  }

  /** Lower-case hexadecimal. */
  String proof(List<String> words) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(token, ALGORITHM));
      mac.update(bound.getBytes(StandardCharsets.UTF_8));
      for (String word : words) {
        mac.update((BETWEEN + word).getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(mac.doFinal());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform must have " + ALGORITHM, e);
    }
  }

  /** In constant time: how much of a guess was right must not show. */
  boolean proves(String proof, List<String> words) {
    return MessageDigest.isEqual(
        proof(words).getBytes(StandardCharsets.UTF_8), proof.getBytes(StandardCharsets.UTF_8));
  }
}

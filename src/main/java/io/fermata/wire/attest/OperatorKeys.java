package io.fermata.wire.attest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.Testimony;
import io.fermata.wire.attest.Unproven.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The keys of operators. Their word takes the place of a receipt, so it has to be theirs, and not
 * the orchestrator's that brings it.
 */
final class OperatorKeys {
  private static final Pattern KEY =
      Pattern.compile("(?s)-----BEGIN PUBLIC KEY-----(.*?)-----END PUBLIC KEY-----");
  private static final List<String> ALGORITHMS = List.of("Ed25519", "EC", "RSA");

  private OperatorKeys() {}

  /**
   * Believes a word for what it decides, or not.
   *
   * @throws Unproven if none of the keys in the file signed it
   */
  static void check(Optional<Path> file, MigrationId migration, Side keep, Testimony word)
      throws Unproven {
    String signature = word.signature();
    if (signature == null) {
      throw new Unproven(Reason.UNSIGNED, "the operator's word has no signature");
    }
    if (file.isEmpty()) {
      throw new Unproven(
          Reason.UNTRUSTED, "no operator's key is known here (fermata.identity.operators)");
    }
    byte[] said =
        Testimony.statement(migration, keep, word.evidence(), word.reason()).getBytes(UTF_8);
    for (PublicKey key : keys(file.get())) {
      if (holds(key, said, signature)) {
        return;
      }
    }
    throw new Unproven(Reason.FORGED, "no operator known here has signed that word");
  }

  private static boolean holds(PublicKey key, byte[] said, String signature) {
    try {
      Signature check = Signature.getInstance(Attestor.algorithm(key));
      check.initVerify(key);
      check.update(said);
      return check.verify(Base64.getDecoder().decode(signature));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false; // no signature of that kind of key
    }
  }

  private static List<PublicKey> keys(Path file) throws Unproven {
    try {
      List<PublicKey> keys = new ArrayList<>();
      var blocks = KEY.matcher(Files.readString(file));
      while (blocks.find()) {
        key(Base64.getMimeDecoder().decode(blocks.group(1))).ifPresent(keys::add);
      }
      return keys;
    } catch (IOException e) {
      throw new Unproven(Reason.UNTRUSTED, "the operators' keys cannot be read", e);
    }
  }

  private static Optional<PublicKey> key(byte[] der) {
    return ALGORITHMS.stream().flatMap(algorithm -> key(der, algorithm).stream()).findFirst();
  }

  private static Optional<PublicKey> key(byte[] der, String algorithm) {
    try {
      var form = new X509EncodedKeySpec(der);
      return Optional.of(KeyFactory.getInstance(algorithm).generatePublic(form));
    } catch (GeneralSecurityException e) {
      return Optional.empty(); // it is of another kind
    }
  }
}

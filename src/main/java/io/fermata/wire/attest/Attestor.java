package io.fermata.wire.attest;

import io.fermata.handover.Attestation;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.Testimony;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.wire.attest.Unproven.Reason;
import io.fermata.wire.tls.Identity;
import io.fermata.wire.tls.ProcessIdentity;
import io.fermata.wire.tls.ProcessIdentity.Credentials;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.Signature;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Signs receipts as this process and checks those of others. Safe for many threads. */
public final class Attestor {
  private static final int CHAIN_MAX = 8;

  private final ProcessIdentity identity;

  public Attestor(ProcessIdentity identity) {
    this.identity = identity;
  }

  /** Who signed for which set. */
  public record Author(Identity identity, String set) {}

  /** Whether there is a key to sign with: then nothing unsigned is believed either. */
  public boolean signs() {
    return identity.secured();
  }

  /** The digest of what both sides of a claim have in common. */
  public static String set(ClaimSpec spec, Side side) {
    return Statement.set(spec, side);
  }

  /**
   * Believes an operator's word for what it decides, or not.
   *
   * @throws Unproven if no operator that is known here has signed it
   */
  public void check(MigrationId migration, Side keep, Testimony word) throws Unproven {
    OperatorKeys.check(identity.operators(), migration, keep, word);
  }

  /** A signature under the receipt with these credentials. */
  public Attestation sign(Receipt receipt, String set, Credentials with) {
    try {
      Signature signature = Signature.getInstance(algorithm(with.key()));
      signature.initSign(with.key());
      signature.update(Statement.of(receipt, with.self().toString(), set));
      List<String> chain = new ArrayList<>();
      for (X509Certificate each : with.chain()) {
        chain.add(Base64.getEncoder().encodeToString(each.getEncoded()));
      }
      return new Attestation(set, chain, Base64.getEncoder().encodeToString(signature.sign()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("signing as " + with.self(), e);
    }
  }

  /**
   * Whose the receipt is.
   *
   * @throws Unproven if it has no signature, or none that holds
   */
  public Author author(Receipt receipt) throws Unproven {
    Attestation attestation = receipt.attestation();
    if (attestation == null) {
      throw new Unproven(Reason.UNSIGNED, "the receipt has no signature");
    }
    List<X509Certificate> chain = chain(attestation);
    trusted(chain);
    Identity author =
        Identity.of(chain.getFirst())
            .filter(identity::knows)
            .orElseThrow(
                () -> new Unproven(Reason.UNTRUSTED, "the certificate names no process of ours"));
    if (!holds(receipt, attestation, author, chain.getFirst())) {
      throw new Unproven(Reason.FORGED, "the signature is not one of " + author);
    }
    return new Author(author, attestation.set());
  }

  private static boolean holds(
      Receipt receipt, Attestation attestation, Identity author, X509Certificate certificate) {
    try {
      Signature signature = Signature.getInstance(algorithm(certificate.getPublicKey()));
      signature.initVerify(certificate); // refuses a key that is not for signatures
      signature.update(Statement.of(receipt, author.toString(), attestation.set()));
      return signature.verify(Base64.getDecoder().decode(attestation.signature()));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false; // no key or signature that anybody could have made
    }
  }

  private static List<X509Certificate> chain(Attestation attestation) throws Unproven {
    if (attestation.chain().isEmpty() || attestation.chain().size() > CHAIN_MAX) {
      throw new Unproven(Reason.UNTRUSTED, "a chain has 1 to " + CHAIN_MAX + " certificates");
    }
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      List<X509Certificate> chain = new ArrayList<>();
      for (String each : attestation.chain()) {
        byte[] der = Base64.getDecoder().decode(each);
        chain.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
      }
      return chain;
    } catch (CertificateException | IllegalArgumentException e) {
      throw new Unproven(Reason.UNTRUSTED, "the chain cannot be read", e);
    }
  }

  private void trusted(List<X509Certificate> chain) throws Unproven {
    Credentials mine =
        identity
            .credentials()
            .orElseThrow(() -> new Unproven(Reason.UNTRUSTED, "there are no authorities"));
    Set<TrustAnchor> anchors =
        mine.authorities().stream()
            .map(each -> new TrustAnchor(each, null))
            .collect(Collectors.toSet());
    List<X509Certificate> path =
        chain.stream().filter(each -> !mine.authorities().contains(each)).toList();
    if (path.isEmpty()) {
      throw new Unproven(Reason.UNTRUSTED, "an authority signs no receipts");
    }
    try {
      CertPath route = CertificateFactory.getInstance("X.509").generateCertPath(path);
      PKIXParameters parameters = new PKIXParameters(anchors);
      parameters.setRevocationEnabled(false); // short lives and fewer authorities revoke
      CertPathValidator.getInstance("PKIX").validate(route, parameters);
    } catch (CertificateEncodingException e) {
      throw new Unproven(Reason.UNTRUSTED, "the chain cannot be read", e);
    } catch (GeneralSecurityException e) {
      throw new Unproven(Reason.UNTRUSTED, "no authority of ours vouches: " + e.getMessage(), e);
    }
  }

  static String algorithm(Key key) {
    return switch (key.getAlgorithm()) {
      case "EC" -> "SHA256withECDSA";
      case "RSA" -> "SHA256withRSA";
      case "Ed25519", "EdDSA" -> "Ed25519";
      default -> key.getAlgorithm();
    };
  }
}

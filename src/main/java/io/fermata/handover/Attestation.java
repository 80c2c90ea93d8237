package io.fermata.handover;

import java.util.List;

/**
 * A signature under a receipt. It binds the receipt, all of its fields, to its author and to the
 * set that author and reader have claimed.
 *
 * @param set digest of the claim that the author made: machine, devices as pairs, both hosts
 * @param chain the author's certificates, its own first, DER in Base64
 * @param signature by the key of the first of them, Base64
 */
public record Attestation(String set, List<String> chain, String signature) {
  public Attestation {
    chain = List.copyOf(chain);
  }

  /** A line is enough to recognise it by. */
  @Override
  public String toString() {
    return "signed for " + set;
  }
}

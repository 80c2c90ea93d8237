package io.fermata.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * One link of an audit chain.
 *
 * @param chain which chain; each has one writer
 * @param number place in the chain, from 1, without gaps
 * @param previous hash of the record before; of the first one, of the chain's name
 * @param hash SHA-256, in hex, of everything else in here
 */
public record Audited(String chain, long number, NewAudit record, String previous, String hash) {
  /** What the first record of a chain has for a predecessor. */
  public static String genesis(String chain) {
    return digest("fermata audit chain\n" + chain);
  }

  /** The link after the one with that hash. */
  static Audited after(String previous, String chain, long number, NewAudit record) {
    return new Audited(chain, number, record, previous, hash(previous, chain, number, record));
  }

  /** Whether the record is what was written. */
  public boolean intact() {
    return hash.equals(hash(previous, chain, number, record));
  }

  /** Every field is preceded by its length: no two records have the same text. */
  private static String hash(String previous, String chain, long number, NewAudit record) {
    StringBuilder text = new StringBuilder();
    for (String field :
        new String[] {
          previous,
          chain,
          Long.toString(number),
          Long.toString(record.timeMillis()),
          record.actor(),
          record.action(),
          record.subject(),
          record.decision(),
          record.data()
        }) {
      text.append(field.length()).append(':').append(field).append('\n');
    }
    return digest(text.toString());
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

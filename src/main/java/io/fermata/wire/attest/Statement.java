package io.fermata.wire.attest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fermata.handover.HostName;
import io.fermata.handover.ImageDigest;
import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.Testimony;
import io.fermata.handover.message.ClaimSpec;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** What is signed, as bytes: a list of texts, each with its length before it. */
final class Statement {
  private static final String VERSION = "fermata receipt 1";
  private static final String SET_VERSION = "fermata set 1";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final DataOutputStream out = new DataOutputStream(bytes);

  /** The statement that a receipt makes. */
  static byte[] of(Receipt receipt, String author, String set) {
    Statement statement = new Statement();
    statement.add(VERSION, receipt.getClass().getSimpleName(), author, set);
    statement.add(receipt.migration().value(), receipt.destination().value());
    statement.add(receipt.stop().incarnation(), String.valueOf(receipt.stop().number()));
    switch (receipt) {
      case Receipt.Ready r -> statement.images(r.images());
      case Receipt.Sealed r -> {
        statement.images(r.images());
        if (r.guest() != null) {
          statement.add("guest " + r.guest()); // one text: no image's three can be read as it
        }
      }
      case Receipt.Started r -> {}
      case Receipt.Voided r -> {}
      case Receipt.Reclaimed r -> statement.word(r.word());
      case Receipt.Adopted r -> statement.word(r.word());
    }
    return statement.bytes.toByteArray();
  }

  /** What both sides of a claim have in common, as one short word. */
  static String set(ClaimSpec spec, Side side) {
    HostName source = side == Side.SOURCE ? spec.self() : spec.peer();
    HostName destination = side == Side.SOURCE ? spec.peer() : spec.self();
    Statement statement = new Statement();
    statement.add(SET_VERSION, spec.vm(), source.value(), destination.value());
    for (ClaimSpec.DevicePair pair : spec.devices()) {
      statement.add(pair.source().value(), pair.destination().value());
    }
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(statement.bytes.toByteArray());
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  private void images(List<ImageDigest> images) {
    for (ImageDigest image : images) {
      add(image.device().value(), String.valueOf(image.bytes()), image.sha256());
    }
  }

  private void word(Testimony word) {
    add(word.actor(), word.evidence(), word.reason(), String.valueOf(word.givenMillis()));
  }

  private void add(String... texts) {
    try {
      for (String text : texts) {
        byte[] utf8 = text.getBytes(UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
  }
}

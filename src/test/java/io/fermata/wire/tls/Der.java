package io.fermata.wire.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The few ASN.1 forms that a certificate is made of. */
final class Der {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

  private Der() {}

  static byte[] of(int tag, byte[]... parts) {
    byte[] content = join(parts);
    var out = new ByteArrayOutputStream();
    out.write(tag);
    if (content.length < 128) {
      out.write(content.length);
    } else {
      byte[] length = BigInteger.valueOf(content.length).toByteArray();
      int skip = length[0] == 0 ? 1 : 0;
      out.write(0x80 | (length.length - skip));
      out.write(length, skip, length.length - skip);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  static byte[] sequence(byte[]... parts) {
    return of(0x30, parts);
  }

  static byte[] whole(BigInteger number) {
    return of(0x02, number.toByteArray());
  }

  static byte[] bits(byte[] bytes) {
    return of(0x03, new byte[] {0}, bytes);
  }

  static byte[] octets(byte[]... parts) {
    return of(0x04, parts);
  }

  static byte[] yes() {
    return of(0x01, new byte[] {(byte) 0xff});
  }

  static byte[] time(Instant instant) {
    return of(0x18, TIME.format(instant).getBytes(US_ASCII));
  }

  static byte[] text(String text) {
    return of(0x0c, text.getBytes(UTF_8));
  }

  static byte[] oid(String dotted) {
    String[] words = dotted.split("\\.");
    var out = new ByteArrayOutputStream();
    out.write(Integer.parseInt(words[0]) * 40 + Integer.parseInt(words[1]));
    for (int i = 2; i < words.length; i++) {
      int value = Integer.parseInt(words[i]);
      for (int shift = 28; shift > 0; shift -= 7) {
        if (value >> shift != 0) {
          out.write(0x80 | (value >> shift & 0x7f));
        }
      }
      out.write(value & 0x7f);
    }
    return of(0x06, out.toByteArray());
  }

  private static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}

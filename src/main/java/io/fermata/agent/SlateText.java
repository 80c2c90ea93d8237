package io.fermata.agent;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fermata.handover.Fact;
import io.fermata.wire.Codec;
import io.fermata.wire.WireFault;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * How a slate is written: a line with version and incarnation, then a line for each fact.
 *
 * <pre>
 *  fermata-slate 1 INCARNATION CRC
 *  LENGTH CRC-OF-JSON CRC-OF-WHAT-STANDS-BEFORE JSON
 * </pre>
 *
 * <p>The length has a checksum of its own. If it had none, a flipped bit in the last line's length
 * would look like a line torn by a power cut, and a seal could be cut off that others were told of.
 */
final class SlateText {
  private static final Pattern HEADER =
      Pattern.compile("(fermata-slate (\\d{1,9}) ([a-z0-9]{1,40})) ([0-9a-f]{8})\n");
  private static final int HEADER_BYTES = 80;
  private static final int VERSION = 1;

  private static final Pattern PREFIX =
      Pattern.compile("(([0-9a-f]{8}) ([0-9a-f]{8}) )([0-9a-f]{8}) ");
  private static final int PREFIX_BYTES = 27;

  private final Codec codec;

  SlateText(Codec codec) {
    this.codec = codec;
  }

  /**
   * What a file says.
   *
   * @param torn why its end was passed over, or null when it is whole
   */
  record Content(String incarnation, List<Fact> facts, @Nullable String torn) {}

  byte[] write(String incarnation, List<Fact> facts) {
    String head = "fermata-slate " + VERSION + " " + incarnation;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(ascii(head + " " + hex(crc(ascii(head))) + "\n"));
    bytes.writeBytes(write(facts));
    return bytes.toByteArray();
  }

  byte[] write(List<Fact> facts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (Fact fact : facts) {
      byte[] json = codec.write(fact);
      String start = hex(json.length) + " " + hex(crc(json)) + " ";
      bytes.writeBytes(ascii(start + hex(crc(ascii(start))) + " "));
      bytes.writeBytes(json);
      bytes.write('\n');
    }
    return bytes.toByteArray();
  }

  /**
   * @throws SlateFault if anything but the end of the last append is not as it was written
   */
  Content read(byte[] bytes) {
    String start = new String(bytes, 0, Math.min(bytes.length, HEADER_BYTES), US_ASCII);
    Matcher header = HEADER.matcher(start);
    if (!header.lookingAt() || !header.group(4).equals(hex(crc(ascii(header.group(1)))))) {
      throw new SlateFault("its first line is not that of a slate");
    }
    if (Integer.parseInt(header.group(2)) != VERSION) {
      throw new SlateFault("it has version " + header.group(2) + ", this build reads " + VERSION);
    }
    return new Lines(bytes, header.end()).read(header.group(3));
  }

  private final class Lines {
    private final byte[] bytes;
    private final int written;
    private int at;

    Lines(byte[] bytes, int at) {
      this.bytes = bytes;
      this.at = at;
      int end = bytes.length;
      while (end > at && bytes[end - 1] == 0) {
        end--;
      }
      this.written = end;
    }

    Content read(String incarnation) {
      List<Fact> facts = new ArrayList<>();
      while (at < bytes.length) {
        Fact fact = next();
        if (fact == null) {
          String torn = (bytes.length - at) + " bytes after fact " + facts.size();
          return new Content(incarnation, List.copyOf(facts), torn);
        }
        facts.add(fact);
      }
      return new Content(incarnation, List.copyOf(facts), null);
    }

    /** The next fact, or null when a power cut left only part of its line. */
    private @Nullable Fact next() {
      int json = at + PREFIX_BYTES;
      if (json > written) {
        return null;
      }
      Matcher prefix = PREFIX.matcher(new String(bytes, at, PREFIX_BYTES, US_ASCII));
      if (!prefix.matches() || !prefix.group(4).equals(hex(crc(ascii(prefix.group(1)))))) {
        throw new SlateFault("the line at byte " + at + " is damaged");
      }
      long end = json + Long.parseLong(prefix.group(2), 16);
      // Neither JSON nor line end has a zero byte: zeros up to the end of the file were never
      // synced.
      if (end >= bytes.length || end > written) {
        return null;
      }
      byte[] text = Arrays.copyOfRange(bytes, json, (int) end);
      if (!prefix.group(3).equals(hex(crc(text))) || bytes[(int) end] != '\n') {
        throw new SlateFault("the fact at byte " + at + " is damaged");
      }
      int start = at;
      at = (int) end + 1;
      return fact(text, start);
    }

    private Fact fact(byte[] text, int start) {
      try {
        return codec.read(text, Fact.class);
      } catch (WireFault e) {
        throw new SlateFault("the fact at byte " + start + " is not understood", e);
      }
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }

  private static long crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return crc.getValue();
  }

  private static String hex(long number) {
    return "%08x".formatted(number);
  }
}

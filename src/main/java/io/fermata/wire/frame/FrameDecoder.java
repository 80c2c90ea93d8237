package io.fermata.wire.frame;

import io.fermata.device.DeviceName;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Stop;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Bytes to frames, from input that may be cut anywhere.
 *
 * <p>Its user puts bytes into {@link #space} and asks {@link #next}, in turns. The space never
 * reaches past the frame that is being read: so nothing is ever moved, a payload is read straight
 * into the buffer that is handed on, and a decoder can be changed for another between two frames.
 * It holds one header and at most one payload.
 */
public final class FrameDecoder implements AutoCloseable {
  /** Limit of one text field, in bytes. */
  static final int TEXT_LIMIT = 1600;

  private static final int SHA256_BYTES = 32;

  private final ByteBuffer header = ByteBuffer.allocate(FrameHeader.BYTES);
  private final int dataLimit;
  private final FrameBuffers buffers;
  private final Set<Packing> agreed;
  private @Nullable FrameHeader head;
  private @Nullable ByteBuffer body;

  /** Takes no packed pieces. */
  public FrameDecoder(int dataLimit, FrameBuffers buffers) {
    this(dataLimit, buffers, Set.of());
  }

  /**
   * @param dataLimit the largest piece, packed or not; 0 refuses them, as before the greeting
   * @param buffers for the payloads of pieces, at least that large
   * @param agreed how pieces may be packed
   */
  public FrameDecoder(int dataLimit, FrameBuffers buffers, Set<Packing> agreed) {
    this.dataLimit = dataLimit;
    this.buffers = buffers;
    this.agreed = agreed;
  }

  /** Takes no pieces. */
  public static FrameDecoder ofControl() {
    return new FrameDecoder(
        0,
        new FrameBuffers() {
          @Override
          public ByteBuffer take() {
            return ByteBuffer.allocate(0);
          }

          @Override
          public void give(ByteBuffer buffer) {}
        });
  }

  /** Where the next bytes go: what the frame at hand still lacks. */
  public ByteBuffer space() {
    return body != null ? body : header;
  }

  /**
   * The frame that has become whole, or null: fill {@link #space} and ask again. The buffer of a
   * piece is the caller's to give back.
   */
  public @Nullable Frame next() {
    FrameHeader known = head;
    if (known == null) {
      if (header.hasRemaining()) {
        return null;
      }
      known = FrameHeader.decode(header, dataLimit);
      if (known.type() == FrameType.PACKED && agreed.isEmpty()) {
        throw new FrameFault(FrameFault.Code.TYPE, "a packed piece where that was not agreed");
      }
      ByteBuffer room =
          known.type().isPiece() ? buffers.take() : ByteBuffer.allocate(known.length());
      body = room.clear().limit(known.length());
      head = known;
    }
    ByteBuffer payload = space();
    return payload.hasRemaining() ? null : frame(known, payload.flip());
  }

  /** The input has ended; a fault if that was inside a frame. */
  public void end() {
    if (body != null || header.position() > 0) {
      throw new FrameFault(FrameFault.Code.TRUNCATED, "the stream ended inside a frame");
    }
  }

  /** Gives back what a half-read piece holds. */
  @Override
  public void close() {
    ByteBuffer held = body;
    if (held != null && head != null && head.type().isPiece()) {
      buffers.give(held);
    }
    body = null;
    head = null;
  }

  private Frame frame(FrameHeader known, ByteBuffer payload) {
    if (FrameHeader.crc(payload) != known.crc()) {
      throw new FrameFault(
          FrameFault.Code.CRC,
          "the CRC32C of a %s frame of %d bytes does not match"
              .formatted(known.type(), known.length()));
    }
    Frame frame = decode(known.type(), payload);
    // Only now: a buffer that a fault leaves behind is given back by close().
    body = null;
    head = null;
    header.clear();
    return frame;
  }

  private Frame decode(FrameType type, ByteBuffer from) {
    if (type.isPiece()) {
      return type == FrameType.DATA ? new Frame.Data(from) : packed(from);
    }
    Frame frame =
        switch (type) {
          case HELLO -> hello(from);
          case WELCOME -> welcome(from);
          case DATA, PACKED, BEAT -> new Frame.Beat();
          case END -> ending(from);
          case DONE -> new Frame.Done();
          case REFUSED -> new Frame.Refused(code(from), text(from));
          case ABORT -> new Frame.Abort(text(from));
          case RESUME -> new Frame.Resume(hello(from), text(from), int32(from));
          case TAKEN -> new Frame.Taken(length(from));
        };
    if (from.hasRemaining()) {
      throw field("%d bytes too many in a %s frame".formatted(from.remaining(), type));
    }
    return frame;
  }

  /** The length is judged before anybody makes room for it. */
  private Frame packed(ByteBuffer from) {
    int number = number(from);
    Packing packing =
        Packing.of(number)
            .filter(agreed::contains)
            .orElseThrow(() -> field("a piece packed as " + number + ", which was not agreed"));
    int rawBytes = int32(from);
    if (rawBytes <= 0 || rawBytes > dataLimit) {
      throw new FrameFault(
          FrameFault.Code.LENGTH,
          "a packed piece of %d bytes, at most %d"
              .formatted(Integer.toUnsignedLong(rawBytes), dataLimit));
    }
    return new Frame.Packed(packing, rawBytes, from);
  }

  private static Frame welcome(ByteBuffer from) {
    int version = int32(from);
    int frameBytes = int32(from);
    return new Frame.Welcome(
        version,
        frameBytes,
        version > Frame.FIRST_VERSION ? text(from) : "",
        version >= Frame.PACKING_VERSION ? packings(from) : Set.of());
  }

  private static Set<Packing> packings(ByteBuffer from) {
    Set<Packing> known = EnumSet.noneOf(Packing.class);
    for (int left = number(from); left > 0; left--) {
      Packing.of(number(from)).ifPresent(known::add);
    }
    return known;
  }

  private static Frame.Hello hello(ByteBuffer from) {
    return new Frame.Hello(
        new Frame.Versions(int32(from), int32(from)),
        name(text(from), MigrationId::new),
        text(from),
        name(text(from), HostName::new),
        name(text(from), DeviceName::new),
        text(from));
  }

  private static Frame ending(ByteBuffer from) {
    Stop stop = new Stop(text(from), int64(from));
    long bytes = length(from);
    byte[] digest = new byte[SHA256_BYTES];
    need(from, SHA256_BYTES).get(digest);
    return new Frame.End(stop, bytes, HexFormat.of().formatHex(digest));
  }

  private static long length(ByteBuffer from) {
    long bytes = int64(from);
    if (bytes < 0) {
      throw field("an image of " + bytes + " bytes");
    }
    return bytes;
  }

  private static Frame.Refused.Code code(ByteBuffer from) {
    int number = number(from);
    return Frame.Refused.Code.of(number).orElseThrow(() -> field("unknown refusal " + number));
  }

  /** One byte. */
  private static int number(ByteBuffer from) {
    return Byte.toUnsignedInt(need(from, Byte.BYTES).get());
  }

  private static int int32(ByteBuffer from) {
    return need(from, Integer.BYTES).getInt();
  }

  private static long int64(ByteBuffer from) {
    return need(from, Long.BYTES).getLong();
  }

  private static String text(ByteBuffer from) {
    int length = Short.toUnsignedInt(need(from, Short.BYTES).getShort());
    if (length > TEXT_LIMIT) {
      throw field("a text of %d bytes, at most %d".formatted(length, TEXT_LIMIT));
    }
    need(from, length);
    ByteBuffer bytes = from.slice(from.position(), length);
    from.position(from.position() + length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw field("a text that is not UTF-8");
    }
  }

  private static <T> T name(String text, Function<String, T> of) {
    try {
      return of.apply(text);
    } catch (IllegalArgumentException e) {
      throw field(String.valueOf(e.getMessage()));
    }
  }

  private static ByteBuffer need(ByteBuffer from, int bytes) {
    if (from.remaining() < bytes) {
      throw field("a field of %d bytes in %d".formatted(bytes, from.remaining()));
    }
    return from;
  }

  private static FrameFault field(String detail) {
    return new FrameFault(FrameFault.Code.FIELD, detail);
  }
}

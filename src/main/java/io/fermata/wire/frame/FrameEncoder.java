package io.fermata.wire.frame;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Set;

/** Frames to bytes. */
public final class FrameEncoder {
  /** Room to be left in front of a data payload. */
  public static final int HEADER_BYTES = FrameHeader.BYTES;

  /** What stands in a packed piece's payload besides its body. */
  public static final int PACKED_BYTES = Byte.BYTES + Integer.BYTES;

  private static final int DETAIL_CHARS = 500;

  private FrameEncoder() {}

  /**
   * Makes a data frame in place, so that the payload is never copied: the payload lies between
   * {@link #HEADER_BYTES} and the position. Afterwards the whole frame lies between position and
   * limit.
   */
  public static void seal(ByteBuffer frame) {
    seal(FrameType.DATA, frame);
  }

  /** The same for a packed piece, whose body is copied into the frame. */
  public static void seal(ByteBuffer frame, Frame.Packed packed) {
    seal(put(packed, frame.clear().position(HEADER_BYTES)), frame);
  }

  private static void seal(FrameType type, ByteBuffer frame) {
    frame.flip();
    int length = frame.limit() - HEADER_BYTES;
    int crc = FrameHeader.crc(frame.slice(HEADER_BYTES, length));
    new FrameHeader(type, length, crc).encode(frame);
  }

  /**
   * One frame in a buffer of its own. What a peer only reads, a detail, is cut to fit; any other
   * field that is too long is the caller's mistake.
   */
  public static ByteBuffer encode(Frame frame) {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + sizeLimit(frame));
    seal(put(frame, bytes.position(HEADER_BYTES)), bytes);
    return bytes;
  }

  private static int sizeLimit(Frame frame) {
    if (frame instanceof Frame.Packed packed) {
      return PACKED_BYTES + packed.body().remaining();
    }
    return frame instanceof Frame.Data data
        ? data.payload().remaining()
        : FrameHeader.CONTROL_LIMIT;
  }

  private static FrameType put(Frame frame, ByteBuffer into) {
    return switch (frame) {
      case Frame.Hello hello -> hello(hello, into);
      case Frame.Welcome welcome -> {
        into.putInt(welcome.version()).putInt(welcome.frameBytes());
        if (welcome.version() > Frame.FIRST_VERSION) {
          text(welcome.ticket(), into);
        }
        if (welcome.version() >= Frame.PACKING_VERSION) {
          packings(welcome.packings(), into);
        }
        yield FrameType.WELCOME;
      }
      case Frame.Data data -> {
        into.put(data.payload().duplicate());
        yield FrameType.DATA;
      }
      case Frame.Packed packed -> {
        into.put((byte) packed.packing().number()).putInt(packed.rawBytes());
        into.put(packed.body().duplicate());
        yield FrameType.PACKED;
      }
      case Frame.Beat beat -> FrameType.BEAT;
      case Frame.End end -> end(end, into);
      case Frame.Done done -> FrameType.DONE;
      case Frame.Refused refused -> {
        into.put((byte) refused.code().number());
        text(cut(refused.detail()), into);
        yield FrameType.REFUSED;
      }
      case Frame.Resume resume -> {
        hello(resume.hello(), into);
        text(resume.ticket(), into);
        into.putInt(resume.attempt());
        yield FrameType.RESUME;
      }
      case Frame.Taken taken -> {
        into.putLong(taken.bytes());
        yield FrameType.TAKEN;
      }
      case Frame.Abort abort -> {
        text(cut(abort.detail()), into);
        yield FrameType.ABORT;
      }
    };
  }

  private static FrameType hello(Frame.Hello hello, ByteBuffer into) {
    into.putInt(hello.versions().lowest()).putInt(hello.versions().highest());
    text(hello.migration().value(), into);
    text(hello.token(), into);
    text(hello.host().value(), into);
    text(hello.device().value(), into);
    text(hello.profile(), into);
    return FrameType.HELLO;
  }

  private static void packings(Set<Packing> packings, ByteBuffer into) {
    into.put((byte) packings.size());
    for (Packing each : Packing.values()) { // in an order of its own, which a set has not
      if (packings.contains(each)) {
        into.put((byte) each.number());
      }
    }
  }

  private static FrameType end(Frame.End end, ByteBuffer into) {
    text(end.stop().incarnation(), into);
    into.putLong(end.stop().number()).putLong(end.bytes());
    into.put(HexFormat.of().parseHex(end.sha256()));
    return FrameType.END;
  }

  private static void text(String text, ByteBuffer into) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > FrameDecoder.TEXT_LIMIT) {
      throw new IllegalArgumentException(
          "a field of %d bytes, at most %d".formatted(bytes.length, FrameDecoder.TEXT_LIMIT));
    }
    into.putShort((short) bytes.length).put(bytes);
  }

  private static String cut(String detail) {
    return detail.length() <= DETAIL_CHARS ? detail : detail.substring(0, DETAIL_CHARS) + "...";
  }
}

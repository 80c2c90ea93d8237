package io.fermata.agent.stream;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.stream.pack.Unpacker;
import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.FrameBuffers;
import io.fermata.wire.frame.FrameDecoder;
import io.fermata.wire.frame.FrameEncoder;
import io.fermata.wire.frame.Packing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** One end of a stream made by hand: says what it is told to, and keeps what it hears. */
final class PlainPeer {
  static final int FRAME_BYTES = 64 << 10;

  private PlainPeer() {}

  /**
   * A destination that takes one stream.
   *
   * @param said the source's first word
   * @param pieces what the image came in
   */
  record Taken(Frame said, List<Frame> pieces) {
    List<Frame.Packed> packed() {
      return pieces.stream()
          .filter(Frame.Packed.class::isInstance)
          .map(Frame.Packed.class::cast)
          .toList();
    }

    /** What the pieces are, unpacked and put together. */
    byte[] image() {
      ByteBuffer image = ByteBuffer.allocateDirect(FRAME_BYTES * pieces.size());
      for (Frame piece : pieces) {
        if (piece instanceof Frame.Packed packed) {
          try (Unpacker unpacker = Unpacker.of(packed.packing())) {
            int end = image.position() + packed.rawBytes();
            unpacker.unpack(packed.body().duplicate(), image.limit(end));
            image.limit(image.capacity()).position(end);
          }
        } else if (piece instanceof Frame.Data data) {
          image.put(data.payload().duplicate());
        }
      }
      byte[] bytes = new byte[image.flip().remaining()];
      image.get(bytes);
      return bytes;
    }
  }

  /** Listens, and answers the first source with that. */
  static CompletableFuture<Taken> taking(ServerSocket at, Frame.Welcome welcome) {
    return CompletableFuture.supplyAsync(() -> {
      try (Socket socket = at.accept()) {
        Frame said = hear(socket, FrameDecoder.ofControl());
        say(socket, welcome);
        List<Frame> pieces = new ArrayList<>();
        FrameDecoder decoder = new FrameDecoder(FRAME_BYTES, new Kept(), Set.of(Packing.values()));
        Frame frame = hear(socket, decoder);
        while (!(frame instanceof Frame.End)) {
          pieces.add(frame);
          frame = hear(socket, decoder);
        }
        say(socket, new Frame.Done());
        return new Taken(said, pieces);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    });
  }

  static ServerSocket listener() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  static void say(Socket socket, Frame frame) throws IOException {
    ByteBuffer encoded = FrameEncoder.encode(frame);
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);
    socket.getOutputStream().write(bytes);
  }

  /** The next frame. */
  static Frame hear(Socket socket, FrameDecoder decoder) throws IOException {
    Frame frame = decoder.next();
    while (frame == null) {
      byte[] bytes = socket.getInputStream().readNBytes(decoder.space().remaining());
      assertTrue(bytes.length > 0, "closed without a word");
      decoder.space().put(bytes);
      frame = decoder.next();
    }
    return frame;
  }

  /** Nobody gives a buffer back: the frames are looked at later. */
  private static final class Kept implements FrameBuffers {
    @Override
    public ByteBuffer take() {
      return ByteBuffer.allocateDirect(FRAME_BYTES);
    }

    @Override
    public void give(ByteBuffer buffer) {}
  }
}

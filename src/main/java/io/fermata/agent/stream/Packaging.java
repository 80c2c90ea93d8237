package io.fermata.agent.stream;

import static io.fermata.wire.frame.FrameEncoder.HEADER_BYTES;
import static io.fermata.wire.frame.FrameEncoder.PACKED_BYTES;

import io.fermata.agent.stream.pack.Packer;
import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.FrameEncoder;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Makes frames of the pieces of one source's image. What was agreed with the first connection holds
 * for all of them: the frames that a broken one swallowed are sent again as they are.
 */
final class Packaging implements AutoCloseable {
  /** What packing has to gain, as a part of the piece; with less it is not worth the unpacking. */
  private static final int GAIN_LEAST = 16;

  private final Means means;
  private final Lane lane;
  private @Nullable Packer packer;

  Packaging(Means means, Lane lane) {
    this.means = means;
    this.lane = lane;
  }

  /** Nothing is packed before that. */
  void agree(Frame.Welcome welcome) {
    means
        .settings()
        .compression()
        .choice(lane.device().profile().key(), welcome.packings())
        .ifPresent(choice -> packer = Packer.of(choice.packing(), choice.level()));
  }

  /** Makes a frame in place of the piece between the header's room and the position. */
  void seal(ByteBuffer frame) {
    Packer by = packer;
    int raw = frame.position() - HEADER_BYTES;
    if (by == null) {
      FrameEncoder.seal(frame);
      return;
    }
    ByteBuffer scratch = lane.scratch();
    int packed = by.pack(frame.slice(HEADER_BYTES, raw), scratch);
    if (raw - packed - PACKED_BYTES >= Math.max(1, raw / GAIN_LEAST)) {
      FrameEncoder.seal(frame, new Frame.Packed(by.packing(), raw, scratch.slice(0, packed)));
    } else {
      FrameEncoder.seal(frame);
    }
    means.packs().tally().sent(by.packing(), raw, frame.limit() - HEADER_BYTES);
  }

  @Override
  public void close() {
    Packer by = packer;
    packer = null;
    if (by != null) {
      by.close();
    }
  }
}

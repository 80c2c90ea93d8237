package io.fermata.wire.frame;

import java.nio.ByteBuffer;

/** Where a decoder gets the buffer for a data payload from. */
public interface FrameBuffers {
  /** An empty buffer that holds the largest data payload; may block until one is free. */
  ByteBuffer take();

  /** Takes a buffer back. */
  void give(ByteBuffer buffer);
}

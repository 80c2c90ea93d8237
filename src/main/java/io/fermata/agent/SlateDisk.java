package io.fermata.agent;

import java.io.IOException;
import java.util.Optional;

/** The one file of a slate, as a disk offers it. What returns is on disk for good. */
interface SlateDisk extends AutoCloseable {
  /** The whole file, or empty when there is none. */
  Optional<byte[]> read() throws IOException;

  /** Puts a file with these bytes in place of the old one; after a crash it is one or the other. */
  void replace(byte[] bytes) throws IOException;

  /** Adds to the end by one write, and syncs. After a crash any prefix of it may be there. */
  void append(byte[] bytes) throws IOException;

  /** What the file is called in messages. */
  String name();

  @Override
  void close() throws IOException;
}

package io.fermata.agent.device.emulated;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fermata.device.DeviceState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * One device in one mapped file. The page cache keeps what was stored when the process is killed;
 * it is not meant to outlive the machine, and nothing is synced.
 *
 * <pre>
 *   0  magic and number of blocks    24  guest, origin: one byte of length, 64 of name each
 *   8  state                        256  the version of each block
 *  16  counter
 * </pre>
 */
final class KeptInFile implements Kept {
  private static final int MAGIC = 0x45444d31;
  private static final int STATE = 8;
  private static final int COUNTER = 16;
  private static final int GUEST = 24;
  private static final int NAME_BYTES = 65;
  private static final int ORIGIN = GUEST + NAME_BYTES;
  private static final int VERSIONS = 256;

  private final MappedByteBuffer memory;
  private final int blocks;
  private final boolean fresh;

  private KeptInFile(MappedByteBuffer memory, int blocks, boolean fresh) {
    this.memory = memory;
    this.blocks = blocks;
    this.fresh = fresh;
  }

  /**
   * Opens the file of a device, or makes it.
   *
   * @throws IllegalStateException if it is the file of a device of another shape
   */
  static KeptInFile open(Path file, int blocks) {
    long bytes = VERSIONS + 8L * blocks;
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      try (FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        boolean fresh = channel.size() == 0;
        if (!fresh && channel.size() != bytes) {
          throw new IllegalStateException(file + " is the memory of a device of another shape");
        }
        MappedByteBuffer memory = channel.map(MapMode.READ_WRITE, 0, bytes);
        memory.order(ByteOrder.LITTLE_ENDIAN);
        if (!fresh && (memory.getInt(0) != MAGIC || memory.getInt(4) != blocks)) {
          throw new IllegalStateException(file + " is the memory of a device of another shape");
        }
        return new KeptInFile(memory, blocks, fresh);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("opening the memory of an emulated device, " + file, e);
    }
  }

  @Override
  public @Nullable Before before() {
    if (fresh) {
      return null;
    }
    long[] versions = new long[blocks];
    for (int i = 0; i < blocks; i++) {
      versions[i] = memory.getLong(VERSIONS + 8 * i);
    }
    Identity identity = new Identity(name(GUEST), name(ORIGIN));
    Contents contents = Contents.of(identity, memory.getLong(COUNTER), versions);
    return new Before(DeviceState.ofCode(memory.getInt(STATE)), contents);
  }

  private String name(int at) {
    byte[] text = new byte[memory.get(at)];
    memory.get(at + 1, text);
    return new String(text, US_ASCII);
  }

  @Override
  public void state(DeviceState state) {
    memory.putInt(STATE, state.code());
  }

  @Override
  public void contents(Identity identity, long counter, long[] versions) {
    name(GUEST, identity.guest());
    name(ORIGIN, identity.origin());
    counter(counter);
    ByteBuffer all = memory.duplicate().order(ByteOrder.LITTLE_ENDIAN).position(VERSIONS);
    for (long version : versions) {
      all.putLong(version);
    }
    memory.putInt(4, blocks);
    memory.putInt(0, MAGIC); // last: from here on the file has a meaning
  }

  private void name(int at, String text) {
    byte[] bytes = text.getBytes(US_ASCII);
    memory.put(at + 1, bytes);
    memory.put(at, (byte) bytes.length);
  }

  @Override
  public void counter(long counter) {
    memory.putLong(COUNTER, counter);
  }

  @Override
  public void version(int block, long version) {
    memory.putLong(VERSIONS + 8 * block, version);
  }
}

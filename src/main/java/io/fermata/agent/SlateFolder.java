package io.fermata.agent;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A slate's file in a folder of its own, locked against other processes for as long as this is
 * open. Only its owner may read it: claims carry the secret of their data plane.
 */
final class SlateFolder implements SlateDisk {
  private static final FileAttribute<?> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /** The slate's name in its folder. */
  static final String FILE = "slate";

  private final Path folder;
  private final Path file;
  private final FileChannel lock;
  private @Nullable FileChannel end;

  private SlateFolder(Path folder, FileChannel lock) {
    this.folder = folder;
    this.file = folder.resolve(FILE);
    this.lock = lock;
  }

  /**
   * Locks the folder, which is made if need be.
   *
   * @throws SlateInUse if another process has it
   */
  static SlateFolder open(Path folder) throws IOException {
    Files.createDirectories(folder);
    FileChannel lock = channel(folder.resolve("lock"), CREATE, WRITE);
    if (!locked(lock)) {
      lock.close();
      throw new SlateInUse(folder);
    }
    return new SlateFolder(folder, lock);
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      FileLock taken = channel.tryLock();
      return taken != null;
    } catch (OverlappingFileLockException e) {
      return false; // another agent of this very process
    }
  }

  @Override
  public Optional<byte[]> read() throws IOException {
    return Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
  }

  @Override
  public void replace(byte[] bytes) throws IOException {
    closeEnd();
    Path fresh = folder.resolve("slate.new");
    try (FileChannel channel = channel(fresh, CREATE, TRUNCATE_EXISTING, WRITE)) {
      write(channel, bytes);
      channel.force(true); // before the rename, or a crash could leave an empty slate in its place
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel directory = FileChannel.open(folder, READ)) {
      directory.force(true); // before anything is appended to a name that a crash could take back
    }
    end = channel(file, WRITE, APPEND);
  }

  @Override
  public void append(byte[] bytes) throws IOException {
    FileChannel channel = end;
    if (channel == null) {
      throw new IOException("nothing was put in place yet");
    }
    write(channel, bytes);
    channel.force(true);
  }

  private static void write(FileChannel channel, byte[] bytes) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      channel.write(left);
    }
  }

  private static FileChannel channel(Path path, StandardOpenOption... options) throws IOException {
    return FileChannel.open(path, Set.of(options), PRIVATE);
  }

  @Override
  public String name() {
    return file.toString();
  }

  private void closeEnd() throws IOException {
    if (end != null) {
      end.close();
      end = null;
    }
  }

  @Override
  public void close() throws IOException {
    closeEnd();
    lock.close();
  }
}

package io.fermata.agent.device.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real calls, on files that every Linux has. */
class NativeLibcTest {
  private static final long FIONREAD = 0x541b;
  private static final int EISDIR = 21;
  private static final int ENOTTY = 25;

  private final Libc libc = new NativeLibc();
  private final Arena arena = Arena.ofConfined();

  @TempDir Path directory;

  @AfterEach
  void free() {
    arena.close();
  }

  @Test
  void aMissingFileIsEnoentAndADirectoryCannotBeWritten() {
    assertEquals(-Libc.ENOENT, libc.open(directory.resolve("missing").toString(), Libc.O_RDWR));
    assertEquals(-EISDIR, libc.open(directory.toString(), Libc.O_RDWR));
  }

  @Test
  void bytesGoOutAndComeBack() throws IOException {
    String path = Files.createFile(directory.resolve("file")).toString();
    int out = (int) libc.open(path, Libc.O_RDWR | Libc.O_CLOEXEC);
    int in = (int) libc.open(path, Libc.O_RDWR | Libc.O_CLOEXEC);
    assertTrue(out > 2 && in > out);
    MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, (byte) 4, (byte) 5, (byte) 6);
    assertEquals(3, libc.write(out, bytes));
    MemorySegment room = arena.allocate(10);
    assertEquals(3, libc.read(in, room));
    assertEquals(-1, bytes.mismatch(room.asSlice(0, 3)));
    assertEquals(0, libc.read(in, room));
    assertEquals(0, libc.close(out));
    assertEquals(0, libc.close(in));
    assertEquals(-Libc.EBADF, libc.read(in, room));
    assertEquals(-Libc.EBADF, libc.write(in, room));
    assertEquals(-Libc.EBADF, libc.close(in));
  }

  @Test
  void anIoctlPassesItsPointer() throws IOException {
    Path file = Files.write(directory.resolve("file"), new byte[37]);
    int number = (int) libc.open(file.toString(), Libc.O_RDWR | Libc.O_CLOEXEC);
    MemorySegment available = arena.allocate(JAVA_INT);
    assertEquals(0, libc.ioctl(number, FIONREAD, available));
    assertEquals(37, available.get(JAVA_INT, 0));
    libc.close(number);
  }

  @Test
  void aVfioRequestOnAnotherFileIsEnotty() throws IOException {
    String path = Files.createFile(directory.resolve("file")).toString();
    int number = (int) libc.open(path, Libc.O_RDWR | Libc.O_CLOEXEC);
    assertEquals(-ENOTTY, libc.ioctl(number, Uapi.DEVICE_FEATURE, Uapi.currentState(arena)));
    assertEquals(-ENOTTY, libc.ioctl(number, Uapi.DEVICE_RESET, 0));
    libc.close(number);
    assertEquals(-Libc.EBADF, libc.ioctl(number, Uapi.DEVICE_RESET, 0));
  }

  @Test
  void aWriteIntoAFullDeviceNamesItsErrno() {
    int full = (int) libc.open("/dev/full", Libc.O_RDWR | Libc.O_CLOEXEC);
    assertEquals(-28, libc.write(full, arena.allocate(1)));
    libc.close(full);
  }

  @Test
  void openedFilesAreNotInheritedByPrograms() throws IOException {
    int number = (int) libc.open("/dev/null", Libc.O_RDWR | Libc.O_CLOEXEC);
    String flags =
        Files.readAllLines(Path.of("/proc/self/fdinfo/" + number)).stream()
            .filter(line -> line.startsWith("flags:"))
            .findFirst()
            .orElseThrow();
    libc.close(number);
    int octal = Integer.parseInt(flags.substring(6).strip(), 8);
    assertEquals(Libc.O_CLOEXEC | Libc.O_RDWR, octal & (Libc.O_CLOEXEC | 3));
  }
}

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/** One VFIO device opened by its character device and bound to an iommufd. */
final class Device implements AutoCloseable {

  static final int STOP = 1;
  static final int RUNNING = 2;
  static final int STOP_COPY = 3;
  static final int RESUMING = 4;
  static final int RUNNING_P2P = 5;
  static final int PRE_COPY = 6;
  static final int PRE_COPY_P2P = 7;
  private static final String[] NAMES = {
    "ERROR", "STOP", "RUNNING", "STOP_COPY", "RESUMING", "RUNNING_P2P", "PRE_COPY", "PRE_COPY_P2P"
  };

  private static final long DEVICE_GET_INFO = 0x3b6b;
  private static final long DEVICE_RESET = 0x3b6f;
  private static final long DEVICE_FEATURE = 0x3b75;
  private static final long DEVICE_BIND_IOMMUFD = 0x3b76;
  private static final long MIG_GET_PRECOPY_INFO = 0x3b79;
  private static final long SCRATCH_REGISTER = 7; // in region 0, whose offset is 0
  private static final int GET = 1 << 16;
  private static final int SET = 1 << 17;

  private final Arena arena = Arena.ofShared();
  private final Kernel kernel = new Kernel(arena);
  private final MemorySegment argument = arena.allocate(64, 8);
  private final int iommufd;
  private final int descriptor;
  int dataDescriptor = -1;
  long lastHopNanos;

  Device(String path) {
    iommufd = kernel.open("/dev/iommu");
    descriptor = kernel.open(path);
    if (iommufd < 0 || descriptor < 0) {
      throw new IllegalStateException("open " + path + ": " + iommufd + ", " + descriptor);
    }
  }

  /** A device that another process holds, by a copy of its descriptor: bound, and not ours. */
  Device(long pid, String path) throws IOException {
    iommufd = -1;
    descriptor = kernel.borrow(pid, numberIn(pid, path));
    if (descriptor < 0) {
      throw new IllegalStateException("borrow " + path + " of " + pid + ": " + descriptor);
    }
  }

  private static int numberIn(long pid, String path) throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      for (Path entry : all.toList()) {
        if (Files.isSymbolicLink(entry) && Files.readSymbolicLink(entry).toString().equals(path)) {
          return Integer.parseInt(entry.getFileName().toString());
        }
      }
    }
    throw new IllegalStateException("process " + pid + " does not have " + path + " open");
  }

  static String nameOf(int state) {
    return state >= 0 && state < NAMES.length ? NAMES[state] : "failed with errno " + -state;
  }

  static int stateNamed(String name) {
    return Arrays.asList(NAMES).indexOf(name);
  }

  /** The answer of BIND; 0 is success. */
  int bind() {
    argument.fill((byte) 0);
    argument.set(JAVA_INT, 0, 16);
    argument.set(JAVA_INT, 8, iommufd);
    return kernel.ioctl(descriptor, DEVICE_BIND_IOMMUFD, argument);
  }

  int infoFlags() {
    argument.fill((byte) 0);
    argument.set(JAVA_INT, 0, 24);
    int outcome = kernel.ioctl(descriptor, DEVICE_GET_INFO, argument);
    return outcome < 0 ? outcome : argument.get(JAVA_INT, 4);
  }

  /** Reads a feature whose payload is one 64-bit number: 1 the migration flags, 9 the data size. */
  long feature(int index) {
    int outcome = request(GET | index);
    return outcome < 0 ? outcome : argument.get(JAVA_LONG, 8);
  }

  int state() {
    int outcome = request(GET | 2);
    return outcome < 0 ? outcome : argument.get(JAVA_INT, 8);
  }

  /**
   * Asks for a state; a data descriptor that comes with it replaces the old one, which is closed.
   */
  int move(int state) {
    argument.fill((byte) 0);
    argument.set(JAVA_INT, 8, state);
    argument.set(JAVA_INT, 12, -1);
    long began = System.nanoTime();
    int outcome = request(SET | 2);
    lastHopNanos = System.nanoTime() - began;
    int data = argument.get(JAVA_INT, 12);
    if (outcome == 0 && data >= 0) {
      closeData();
      dataDescriptor = data;
    }
    return outcome;
  }

  int reset() {
    return kernel.ioctl(descriptor, DEVICE_RESET, MemorySegment.NULL);
  }

  /** Initial and dirty bytes of the pre-copy session, or the negative errno alone. */
  long[] precopyBytes() {
    argument.fill((byte) 0);
    argument.set(JAVA_INT, 0, 24);
    int outcome = kernel.ioctl(dataDescriptor, MIG_GET_PRECOPY_INFO, argument);
    return outcome < 0
        ? new long[] {outcome}
        : new long[] {argument.get(JAVA_LONG, 8), argument.get(JAVA_LONG, 16)};
  }

  /** One read of at most {@code buffer}'s size: bytes, 0, or a negative errno. */
  long read(MemorySegment buffer) {
    return kernel.read(dataDescriptor, buffer);
  }

  long write(MemorySegment image) {
    return kernel.write(dataDescriptor, image);
  }

  /**
   * Writes the scratch register of the first port: the only byte of an mtty device that a test can
   * choose. Without it all images are alike and a mix-up of devices would go unseen.
   */
  long stamp(int value) {
    MemorySegment octet = argument.asSlice(0, 1);
    octet.set(JAVA_BYTE, 0, (byte) value);
    return kernel.writeAt(descriptor, octet, SCRATCH_REGISTER);
  }

  long stamped() {
    MemorySegment octet = argument.asSlice(0, 1);
    long outcome = kernel.readAt(descriptor, octet, SCRATCH_REGISTER);
    return outcome < 0 ? outcome : Byte.toUnsignedLong(octet.get(JAVA_BYTE, 0));
  }

  private int request(int flags) {
    argument.set(JAVA_INT, 0, 16);
    argument.set(JAVA_INT, 4, flags);
    return kernel.ioctl(descriptor, DEVICE_FEATURE, argument);
  }

  private void closeData() {
    if (dataDescriptor >= 0) {
      kernel.close(dataDescriptor);
      dataDescriptor = -1;
    }
  }

  @Override
  public void close() {
    closeData();
    kernel.close(descriptor);
    if (iommufd >= 0) {
      kernel.close(iommufd);
    }
    arena.close();
  }
}

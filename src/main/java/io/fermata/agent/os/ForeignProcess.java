package io.fermata.agent.os;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Another process of this machine, pinned: when it ends, its number may go to a stranger, and every
 * call here then fails with ESRCH instead of reaching that one.
 */
public final class ForeignProcess implements AutoCloseable {
  private final int pid;
  private final int handle;

  private ForeignProcess(int pid, int handle) {
    this.pid = pid;
    this.handle = handle;
  }

  /** Pins it. ESRCH when there is none. */
  public static ForeignProcess open(int pid) {
    long handle = PacketSocket.checked(Calls.pidfdOpen(pid), "pidfd_open of process " + pid);
    return new ForeignProcess(pid, (int) handle);
  }

  /** The numbers of its open files, as they are now. */
  public List<Integer> descriptors() throws IOException {
    List<Integer> numbers = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder(pid))) {
      entries.forEach(entry -> numbers.add(Integer.valueOf(entry.getFileName().toString())));
    }
    return numbers;
  }

  /** Where its open files are seen. */
  public static Path folder(long pid) {
    return Path.of("/proc", Long.toString(pid), "fd");
  }

  /**
   * A second number for one of its open files, now the caller's. What it is must be asked of that
   * number: the process may have closed the file meanwhile and opened another there.
   */
  public int take(int descriptor) {
    String attempted = "pidfd_getfd of descriptor " + descriptor + " of process " + pid;
    return (int) PacketSocket.checked(Calls.pidfdGetfd(handle, descriptor), attempted);
  }

  @Override
  public void close() {
    Calls.close(handle);
  }
}

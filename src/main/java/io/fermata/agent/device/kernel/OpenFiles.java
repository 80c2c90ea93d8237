package io.fermata.agent.device.kernel;

import io.fermata.agent.device.Errno;
import io.fermata.agent.device.kernel.Discovery.Holder;
import io.fermata.agent.device.kernel.OpenFile.Match;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Who has what open on this machine, as {@code /proc} tells: without the right to look into a
 * process its files are not seen, so nobody found does not mean nobody there.
 *
 * @param proc where procfs is mounted
 */
record OpenFiles(Path proc) {
  private static final System.Logger LOG = System.getLogger(OpenFiles.class.getName());
  private static final String ROOM = "FDSize:";

  /** The places of a Linux host. */
  static OpenFiles ofThisHost() {
    return new OpenFiles(Path.of("/proc"));
  }

  /** One of this process's own. */
  OpenFile ours(int number) throws IOException {
    return OpenFile.of(proc.resolve("self"), number);
  }

  /**
   * The first of a process's that is the device's.
   *
   * @throws NotHeld with the reason when there is none
   */
  int find(int pid, KernelDeviceSettings settings, DeviceIdentity device) {
    Path process = proc.resolve(Integer.toString(pid));
    List<OpenFile> open = new ArrayList<>();
    try {
      visit(process, open::add);
    } catch (AccessDeniedException e) {
      throw mayNot(settings, "looking into " + process.resolve("fd"), pid, Errno.EACCES);
    } catch (NoSuchFileException e) {
      throw new NotHeld(
          NotHeld.Code.NO_SUCH_PROCESS, settings.name(), "there is no process " + pid);
    } catch (IOException e) {
      throw new NotHeld(NotHeld.Code.NOT_PERMITTED, settings.name(), "looking into " + process);
    }
    return open.stream()
        .filter(file -> file.match(device) == Match.SAME)
        .mapToInt(OpenFile::number)
        .findFirst()
        .orElseThrow(() ->
            notThere(
                settings, pid, open.stream().anyMatch(file -> file.match(device) == Match.UNTOLD)));
  }

  /** How many numbers of open files a process has room for, as everybody may see. */
  int room(int pid) throws IOException {
    for (String line : Files.readAllLines(proc.resolve(pid + "/status"))) {
      if (line.startsWith(ROOM)) {
        return Integer.parseInt(line.substring(ROOM.length()).strip());
      }
    }
    throw new IOException("no " + ROOM + " in the status of process " + pid);
  }

  static NotHeld notThere(KernelDeviceSettings settings, int pid, boolean untold) {
    String who = "process " + pid + " ";
    return untold
        ? new NotHeld(
            NotHeld.Code.UNTOLD,
            settings.name(),
            who
                + "has devices of a group open and this kernel does not say which: have it send the"
                + " descriptor (hold: receive)")
        : new NotHeld(
            NotHeld.Code.NOT_THERE,
            settings.name(),
            who + "does not have " + settings.at() + " open");
  }

  /** The same reason for whoever is not let in, with what would help. */
  static NotHeld mayNot(KernelDeviceSettings settings, String attempted, int pid, Errno errno) {
    return new NotHeld(
        NotHeld.Code.NOT_PERMITTED,
        settings.name(),
        attempted
            + " (process "
            + pid
            + "): "
            + errno
            + "; the agent needs CAP_SYS_PTRACE for that (systemd/adopt.conf), or that process"
            + " sends the descriptor itself (hold: receive)");
  }

  /**
   * Processes that have the device open, of those that may be looked into; this one is left out.
   */
  List<Integer> holders(DeviceIdentity device) {
    return processes(ProcessHandle.current().pid()).entrySet().stream()
        .filter(each -> each.getValue().stream().anyMatch(f -> f.match(device) == Match.SAME))
        .map(each -> (int) each.getKey().pid())
        .toList();
  }

  /** Every process but one that lets itself be looked into, and what it has open; by number. */
  Map<Holder, List<OpenFile>> processes(long except) {
    List<Integer> numbers = new ArrayList<>();
    Sysfs.entries(proc).forEach(entry -> number(entry).ifPresent(numbers::add));
    numbers.sort(null);
    Map<Holder, List<OpenFile>> found = new LinkedHashMap<>();
    for (int pid : numbers) {
      Path process = proc.resolve(Integer.toString(pid));
      List<OpenFile> open = new ArrayList<>();
      if (pid != except && visited(process, open::add) && !open.isEmpty()) {
        found.put(new Holder(pid, command(process)), open);
      }
    }
    return found;
  }

  /** False when it is barred or has ended. */
  private static boolean visited(Path process, Consumer<OpenFile> visitor) {
    try {
      visit(process, visitor);
      return true;
    } catch (IOException hidden) {
      return false;
    }
  }

  /** Shows each open file of a process. A file that is closed while it is looked at is none. */
  private static void visit(Path process, Consumer<OpenFile> visitor) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path entry : entries) {
        OptionalInt number = number(entry);
        if (number.isPresent()) {
          look(process, number.getAsInt(), visitor);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static void look(Path process, int number, Consumer<OpenFile> visitor)
      throws AccessDeniedException {
    try {
      visitor.accept(OpenFile.of(process, number));
    } catch (AccessDeniedException barred) {
      throw barred;
    } catch (IOException closed) {
      LOG.log(System.Logger.Level.TRACE, "closed while it was looked at: {0}", closed);
    }
  }

  private static String command(Path process) {
    try {
      return Files.readString(process.resolve("comm")).strip();
    } catch (IOException gone) {
      return "?";
    }
  }

  private static OptionalInt number(Path entry) {
    String name = entry.getFileName().toString();
    return name.matches("[0-9]{1,9}")
        ? OptionalInt.of(Integer.parseInt(name))
        : OptionalInt.empty();
  }
}

package io.fermata.agent.device.kernel;

import io.fermata.agent.device.Errno;
import io.fermata.agent.device.kernel.OpenFile.Match;
import io.fermata.agent.os.ForeignProcess;
import io.fermata.agent.os.OsFault;
import java.io.IOException;

/**
 * Finds a device among another process's open files without seeing their list: each number is
 * copied (pidfd_getfd), the copy is asked what it is, and closed unless it is the device's. That
 * takes the right to trace the process (CAP_SYS_PTRACE) and nothing else.
 */
record CopiedFiles(OpenFiles files, Libc libc) {
  /** A process that has room for more is not searched to its end: what it has is found early. */
  private static final int MOST = 65_536;

  /**
   * A copy of the first that is the device's, now the caller's.
   *
   * @throws NotHeld with the reason when there is none, or none may be copied
   * @throws OsFault ESRCH when the process has ended
   */
  int find(ForeignProcess process, int pid, KernelDeviceSettings settings, DeviceIdentity device) {
    boolean untold = false;
    int room = room(pid, settings);
    for (int number = 0; number < room; number++) {
      int copy = copy(process, number);
      if (copy >= 0) {
        Match match = match(copy, device);
        if (match == Match.SAME) {
          return copy;
        }
        untold |= match == Match.UNTOLD;
        libc.close(copy);
      }
    }
    throw OpenFiles.notThere(settings, pid, untold);
  }

  private int room(int pid, KernelDeviceSettings settings) {
    try {
      return Math.min(MOST, files.room(pid));
    } catch (IOException gone) {
      throw new NotHeld(
          NotHeld.Code.NO_SUCH_PROCESS, settings.name(), "there is no process " + pid);
    }
  }

  /** Below 0 where nothing is open. */
  private static int copy(ForeignProcess process, int number) {
    try {
      return process.take(number);
    } catch (OsFault fault) {
      if (fault.errno().equals(new Errno(Libc.EBADF))) {
        return -1;
      }
      throw fault;
    }
  }

  private Match match(int copy, DeviceIdentity device) {
    try {
      return files.ours(copy).match(device);
    } catch (IOException e) {
      return Match.OTHER;
    }
  }
}

package io.fermata.agent.device.kernel;

import io.fermata.agent.device.Errno;

/**
 * An open file of this process, used by several threads. Its number goes back to the kernel only
 * when no call is under way on it: the kernel hands a closed number to the next file that is
 * opened, and a call that was late would reach that one, such as another device's session.
 *
 * <p>Ending waits for nobody: when a call is under way, the caller that comes back last closes.
 */
final class Descriptor {
  private final Libc libc;
  private final int number;
  private final Errno afterEnd;
  private int callsUnderWay;
  private boolean ended;

  /**
   * Takes over an open file.
   *
   * @param afterEnd what calls are answered once this has ended
   */
  Descriptor(Libc libc, int number, Errno afterEnd) {
    this.libc = libc;
    this.number = number;
    this.afterEnd = afterEnd;
  }

  /** A call that needs the number while it runs. */
  interface Call {
    long on(int number);
  }

  /** The call's answer, or the errno of an ended descriptor, with a minus sign. */
  long call(Call call) {
    if (!enter()) {
      return -afterEnd.number();
    }
    try {
      return call.on(number);
    } finally {
      leave();
    }
  }

  /** Lets no further call in and closes as soon as none is under way. Twice is as good as once. */
  void end() {
    boolean last;
    synchronized (this) {
      last = !ended && callsUnderWay == 0;
      ended = true;
    }
    closeIf(last);
  }

  /** Whether {@link #end} was called. */
  synchronized boolean hasEnded() {
    return ended;
  }

  private synchronized boolean enter() {
    if (ended) {
      return false;
    }
    callsUnderWay++;
    return true;
  }

  private void leave() {
    boolean last;
    synchronized (this) {
      callsUnderWay--;
      last = ended && callsUnderWay == 0;
    }
    closeIf(last);
  }

  /** Outside the lock: a driver may take its time to release a session. */
  private void closeIf(boolean last) {
    if (last) {
      libc.close(number);
    }
  }
}

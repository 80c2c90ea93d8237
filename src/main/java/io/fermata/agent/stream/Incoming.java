package io.fermata.agent.stream;

import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.Frame.Refused;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One device's image on its way in, over as many connections as it takes. The newest one counts;
 * what has been taken belongs to whoever holds the device's lane.
 *
 * <pre>
 *  OPEN --the last frame agrees--&gt; WHOLE
 *    \--refused, given up, or no connection in time--&gt; OVER
 * </pre>
 */
final class Incoming {
  private final String session;
  private final ImageSum sum;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private State state = State.OPEN;
  private int attempt = -1;
  private @Nullable Link link;
  private Frame.@Nullable End end;

  private enum State {
    OPEN,
    WHOLE,
    OVER
  }

  Incoming(Pass pass) {
    this.session = pass.session();
    this.sum = new ImageSum(pass.sum());
  }

  /** What came so far; for the lane's holder. */
  ImageSum sum() {
    return sum;
  }

  /** Lets that connection go on and closes the one before it; or says why not. */
  Optional<Refused> admit(Pass pass, Link next) {
    lock.lock();
    try {
      if (!pass.session().equals(session)) {
        return Optional.of(new Refused(Refused.Code.TAKEN, "the device has had its stream"));
      }
      if (pass.attempt() <= attempt || state == State.OVER || pass.sum() != sum.kind()) {
        return Optional.of(
            new Refused(
                Refused.Code.RESUME,
                state == State.OVER
                    ? "the stream is over"
                    : "connection %d of this stream has been here".formatted(attempt)));
      }
      attempt = pass.attempt();
      closeLink();
      link = next;
      changed.signalAll();
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** Whether no later connection has come. */
  boolean isAt(int number) {
    lock.lock();
    try {
      return attempt == number && state != State.OVER;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for a later connection.
   *
   * @return false if none came in time, and none will be let in any more
   */
  boolean awaitLaterThan(int number, long millis) {
    long left = TimeUnit.MILLISECONDS.toNanos(millis);
    lock.lock();
    try {
      while (attempt == number && state == State.OPEN && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (attempt == number && state == State.OPEN) {
        state = State.OVER;
        return false;
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      state = State.OVER;
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** The last frame that agreed, once there was one. */
  Frame.@Nullable End end() {
    lock.lock();
    try {
      return end;
    } finally {
      lock.unlock();
    }
  }

  void whole(Frame.End last) {
    lock.lock();
    try {
      state = State.WHOLE;
      end = last;
    } finally {
      lock.unlock();
    }
  }

  /** Nothing more of it is taken, and whoever waits or reads is woken. */
  void drop() {
    lock.lock();
    try {
      state = State.OVER;
      closeLink();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nothing more of it is taken; the connection is left for a last word. */
  void over() {
    lock.lock();
    try {
      state = State.OVER;
    } finally {
      lock.unlock();
    }
  }

  private void closeLink() {
    if (link != null) {
      link.close();
    }
  }
}

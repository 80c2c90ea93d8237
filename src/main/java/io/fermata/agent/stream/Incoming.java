package io.fermata.agent.stream;

import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.Frame.Refused;
import io.fermata.wire.frame.Packing;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One device's image on its way in, over as many connections as it takes. The newest one counts;
 * the sum belongs to whoever holds the device's lane.
 *
 * <pre>
 *  OPEN --the last frame agrees--&gt; WHOLE --dropped--&gt; OVER
 *    \--refused, given up, dropped, or no connection in time--&gt; OVER
 * </pre>
 */
final class Incoming {
  private final int version;
  private final String ticket;
  private final Set<Packing> packings;
  private final ImageSum sum = new ImageSum();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private State state = State.OPEN;
  private int attempt;
  private Link link;
  private Frame.@Nullable End end;

  private enum State {
    OPEN,
    WHOLE,
    OVER
  }

  /**
   * @param ticket names this very image of this very process; empty where its first connection is
   *     its only one
   * @param packings how its pieces may be packed, over all connections
   */
  Incoming(int version, String ticket, Set<Packing> packings, Link first) {
    this.version = version;
    this.ticket = ticket;
    this.packings = packings;
    this.link = first;
  }

  Frame.Welcome welcome(int frameBytes) {
    return new Frame.Welcome(version, frameBytes, ticket, packings);
  }

  Set<Packing> packings() {
    return packings;
  }

  boolean mayComeBack() {
    return version > Frame.FIRST_VERSION;
  }

  /** What is in the device; for the lane's holder. */
  ImageSum sum() {
    return sum;
  }

  /** Lets a later connection go on and closes the one before it; or says why not. */
  Optional<Refused> admit(Frame.Resume shown, Link next) {
    lock.lock();
    try {
      String wrong = null;
      if (!mayComeBack() || !shown.ticket().equals(ticket)) {
        wrong = "the device has had another stream";
      } else if (state == State.OVER) {
        wrong = "the stream is over";
      } else if (shown.attempt() <= attempt) {
        wrong = "connection %d of the stream has been here".formatted(attempt);
      }
      if (wrong != null) {
        return Optional.of(new Refused(Refused.Code.RESUME, wrong));
      }
      attempt = shown.attempt();
      link.close(); // its thread leaves the lane as soon as it is out of the device
      link = next;
      changed.signalAll();
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** Whether this connection is the newest, of an image that is still wanted. */
  boolean isAt(int number) {
    lock.lock();
    try {
      return attempt == number && state != State.OVER;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for a later connection than that one.
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

  /** Nothing more comes but the question whether it all came. */
  void whole(Frame.End last) {
    lock.lock();
    try {
      end = last;
      state = state == State.OPEN ? State.WHOLE : state;
    } finally {
      lock.unlock();
    }
  }

  /** Nothing more of it is taken; the connection is left for a last word. */
  void over() {
    lock.lock();
    try {
      state = State.OVER;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nothing more of it is taken, and whoever waits or reads is woken. */
  void drop() {
    lock.lock();
    try {
      state = State.OVER;
      link.close();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}

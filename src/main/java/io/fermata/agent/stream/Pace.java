package io.fermata.agent.stream;

import io.fermata.agent.AgentPorts;
import io.fermata.handover.MigrationId;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How fast this host may send: a limit for all streams together, and one for each migration that
 * has one. What was sent is paid afterwards: a stream waits until the earlier frames of all are
 * paid for, and holds nothing while it waits. Streams of one migration so get the same share each,
 * whatever their sizes. A new limit counts at once, also for those who wait.
 */
public final class Pace {
  /** No limit. */
  public static final long UNLIMITED = 0;

  /** With less a waiting stream of a large set would look idle to its peer. */
  public static final long BYTES_PER_SECOND_MIN = 8 << 20;

  /** What may be sent at once after a rest. */
  private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private static final double NANOS = 1e9;

  private final AgentPorts.Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Debt host;
  private final Map<MigrationId, Debt> migrations = new HashMap<>();

  /** What was sent and is not paid for yet. */
  private static final class Debt {
    private long bytesPerSecond;
    private long paidAt;

    Debt(long bytesPerSecond, long now) {
      this.bytesPerSecond = bytesPerSecond;
      this.paidAt = now;
    }

    long nanosLeft(long now) {
      return bytesPerSecond == UNLIMITED ? 0 : Math.max(0, paidAt - now - BURST_NANOS);
    }

    void add(int bytes, long now) {
      if (bytesPerSecond != UNLIMITED) {
        paidAt = Math.max(paidAt, now) + (long) (bytes * NANOS / bytesPerSecond);
      }
    }

    void limit(long next, long now) {
      double bytes = Math.max(0, paidAt - now) * (double) bytesPerSecond / NANOS;
      bytesPerSecond = next;
      paidAt = next == UNLIMITED ? now : now + (long) (bytes * NANOS / next);
    }
  }

  /**
   * A host's pace.
   *
   * @param bytesPerSecond for all its streams together; {@link #UNLIMITED} for as fast as it goes
   */
  public Pace(long bytesPerSecond, AgentPorts.Clock clock) {
    this.clock = clock;
    this.host = new Debt(bytesPerSecond, clock.nanos());
  }

  /** Limits one migration, or with {@link #UNLIMITED} no longer. */
  public void limit(MigrationId migration, long bytesPerSecond) {
    lock.lock();
    try {
      long now = clock.nanos();
      Debt debt = migrations.computeIfAbsent(migration, m -> new Debt(UNLIMITED, now));
      if (debt.bytesPerSecond != bytesPerSecond) {
        debt.limit(bytesPerSecond, now);
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The migration is over here; whoever waits for its limit goes on. */
  void forget(MigrationId migration) {
    lock.lock();
    try {
      if (migrations.remove(migration) != null) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Blocks until the migration may send its next frame. */
  void await(MigrationId migration) {
    lock.lock();
    try {
      for (long left = left(migration); left > 0; left = left(migration)) {
        var _ = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StreamFault(StreamFault.Code.DROPPED, "the agent ends", e);
    } finally {
      lock.unlock();
    }
  }

  private long left(MigrationId migration) {
    long now = clock.nanos();
    Debt own = migrations.get(migration);
    return Math.max(host.nanosLeft(now), own == null ? 0 : own.nanosLeft(now));
  }

  /** So much was sent. */
  void sent(MigrationId migration, int bytes) {
    lock.lock();
    try {
      long now = clock.nanos();
      host.add(bytes, now);
      Debt own = migrations.get(migration);
      if (own != null) {
        own.add(bytes, now);
      }
    } finally {
      lock.unlock();
    }
  }
}

package io.fermata.journal;

import static io.fermata.journal.JournalFault.Code.CLOSED;
import static io.fermata.journal.JournalFault.Code.QUEUE_FULL;
import static io.fermata.journal.JournalFault.Code.WRITE_FAILED;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes: it takes all changes that wait, writes them in one transaction, and
 * completes their futures after the commit. While a commit is on its way to the disk, the next
 * batch gathers; so the more there is to write, the more goes into one commit.
 */
final class GroupCommit implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(GroupCommit.class.getName());

  private static final int BATCH = 512;
  private static final long IDLE_MILLIS = 1_000;

  /** How long another replica's entries may be on disk before listeners here hear of them. */
  private static final long FOLLOW_MILLIS = 200;

  private static final long PURGE_EVERY_MILLIS = 600_000;

  /** Opens a checked connection for writing. */
  interface Opening {
    Connection open() throws SQLException;
  }

  private record Pending(Change change, CompletableFuture<Committed> future, long sinceNanos) {}

  /** What became of one change in the transaction: one of the two is there. */
  private record Verdict(
      Pending pending, @Nullable Committed committed, @Nullable RuntimeException refusal) {}

  private final Opening opening;
  private final Sharing sharing;
  private final BlockingQueue<Pending> queue;
  private final long keyRetentionMillis;
  private final JournalTime time;
  private final LongConsumer appendNanos;
  private final List<Consumer<List<Entry>>> listeners = new CopyOnWriteArrayList<>();
  private final LongAdder commits = new LongAdder();
  private final Thread thread;
  private final Pending wake;
  private volatile boolean closing;
  private volatile boolean ended;
  private volatile boolean away;

  // Below: only the writer's thread, after the constructor.
  private final List<Pending> batch = new ArrayList<>(BATCH);
  private @Nullable Writes writes;
  private boolean failing;
  private boolean deaf;

  /** The last seq that listeners were told of; where nobody else writes, the last one there is. */
  private long announced;

  private long purgeAtMillis;

  GroupCommit(
      Opening opening,
      Sharing sharing,
      JournalSettings settings,
      JournalTime time,
      LongConsumer appendNanos)
      throws SQLException {
    this.opening = opening;
    this.sharing = sharing;
    this.queue = new ArrayBlockingQueue<>(settings.queueLimit());
    this.keyRetentionMillis = settings.keyRetention().toMillis();
    this.time = time;
    this.appendNanos = appendNanos;
    this.wake = new Pending(Change.of(), new CompletableFuture<>(), 0);
    Writes first = new Writes(opening.open());
    this.writes = first;
    this.announced = first.lastSeq();
    first.endRead();
    this.thread = Thread.ofPlatform().name("journal-writer").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  CompletableFuture<Committed> append(Change change) {
    Pending pending = new Pending(change, new CompletableFuture<>(), time.nanos().getAsLong());
    if (closing) {
      return CompletableFuture.failedFuture(closed());
    }
    if (!queue.offer(pending)) {
      return CompletableFuture.failedFuture(
          new JournalFault(
              QUEUE_FULL,
              "appending, while fermata.journal.queue-limit changes wait for the disk"));
    }
    // Looked at again after the offer: the writer may have drained the queue for the last time
    // between the two, and then nobody else would ever answer.
    if (ended) {
      refuseQueued();
    }
    return pending.future();
  }

  void listen(Consumer<List<Entry>> listener) {
    listeners.add(listener);
  }

  /** How many transactions were committed. */
  long commits() {
    return commits.sum();
  }

  /**
   * Whether the store did not answer the last time. Where others write too, it is asked again five
   * times a second; whoever would wait for an answer meanwhile need not.
   */
  boolean isAway() {
    return away && sharing == Sharing.SHARED;
  }

  /** How many changes wait. */
  int queued() {
    return queue.size();
  }

  private void run() {
    try {
      while (true) {
        Pending first = next();
        if (first != null) {
          batch.add(first);
          queue.drainTo(batch, BATCH - 1);
          batch.remove(wake);
          write();
          batch.clear();
        } else if (closing) {
          return;
        } else if (sharing == Sharing.SHARED) {
          follow();
        }
        purge();
      }
    } finally {
      end();
    }
  }

  /** The next change; null if none came for a while or the journal closes and none is left. */
  private @Nullable Pending next() {
    try {
      return closing ? queue.poll() : queue.poll(idleMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException notHowThisThreadEnds) {
      LOG.log(System.Logger.Level.WARNING, "the journal's writer was interrupted and goes on");
      return null;
    }
  }

  private long idleMillis() {
    return sharing == Sharing.SHARED ? FOLLOW_MILLIS : IDLE_MILLIS;
  }

  private void write() {
    if (batch.isEmpty()) {
      return;
    }
    List<Verdict> verdicts;
    try {
      verdicts = transaction(opened());
    } catch (SQLException | JournalFault e) {
      abandon();
      if (!failing) {
        LOG.log(System.Logger.Level.ERROR, "the journal cannot commit and goes on trying", e);
      }
      failing = true;
      var fault = new JournalFault(WRITE_FAILED, "committing " + batch.size() + " changes", e);
      batch.forEach(pending -> pending.future().completeExceptionally(fault));
      return;
    }
    if (failing) {
      LOG.log(System.Logger.Level.INFO, "the journal commits again");
    }
    failing = false;
    settle(verdicts);
  }

  private List<Verdict> transaction(Writes open) throws SQLException {
    List<Verdict> verdicts = new ArrayList<>(batch.size());
    long nowMillis = time.wall().millis();
    long seq = sharing == Sharing.SHARED ? open.takeTurn() : announced;
    for (Pending pending : batch) {
      try {
        List<Entry> entries = open.apply(pending.change(), seq + 1, nowMillis);
        seq += entries.size();
        verdicts.add(new Verdict(pending, new Committed(entries), null));
      } catch (KeyTaken | VersionConflict refusal) {
        verdicts.add(new Verdict(pending, null, refusal));
      }
    }
    // A seq that was given out in a transaction that failed is given out again.
    open.commit();
    commits.increment();
    return verdicts;
  }

  private void settle(List<Verdict> verdicts) {
    List<Entry> entries = new ArrayList<>();
    long nowNanos = time.nanos().getAsLong();
    for (Verdict verdict : verdicts) {
      appendNanos.accept(nowNanos - verdict.pending().sinceNanos());
      if (verdict.committed() != null) {
        entries.addAll(verdict.committed().entries());
        verdict.pending().future().complete(verdict.committed());
      } else if (verdict.refusal() != null) {
        verdict.pending().future().completeExceptionally(verdict.refusal());
      }
    }
    if (!entries.isEmpty() && entries.getFirst().seq() == announced + 1) {
      announce(List.copyOf(entries));
    } else if (!entries.isEmpty()) {
      follow(); // others wrote meanwhile, and listeners hear everything in order
    }
  }

  /** Tells of what is there and was not told yet; what cannot be read now is told later. */
  private void follow() {
    try {
      catchUp(opened());
      deaf = false;
    } catch (SQLException | JournalFault e) {
      abandon();
      if (!deaf) {
        LOG.log(System.Logger.Level.WARNING, "what other replicas write cannot be read", e);
      }
      deaf = true;
    }
  }

  private void announce(List<Entry> entries) {
    announced = entries.getLast().seq();
    for (Consumer<List<Entry>> listener : listeners) {
      try {
        listener.accept(entries);
      } catch (RuntimeException e) {
        // The edge of another room: its mistake must not stop the writer.
        LOG.log(System.Logger.Level.ERROR, "a listener of the journal failed", e);
      }
    }
  }

  private Writes opened() throws SQLException {
    Writes open = writes;
    if (open == null) {
      open = new Writes(opening.open());
      writes = open;
      catchUp(open);
    }
    away = false;
    return open;
  }

  /**
   * A commit that was reported as failed may be on disk all the same. Then its seqs are taken, and
   * the listeners have yet to hear of its entries. So it is with what other replicas write: no seq
   * is left out, since a higher one is on disk only after all lower ones.
   */
  private void catchUp(Writes open) throws SQLException {
    List<Entry> missed = open.entriesAfter(announced, BATCH);
    while (!missed.isEmpty()) {
      announce(missed);
      missed = open.entriesAfter(announced, BATCH);
    }
    open.endRead();
  }

  private void purge() {
    long nowMillis = time.wall().millis();
    Writes open = writes;
    if (open == null || nowMillis < purgeAtMillis) {
      return;
    }
    try {
      int purged = open.purgeKeys(nowMillis - keyRetentionMillis);
      open.commit();
      if (purged < Writes.PURGE_ROWS) {
        purgeAtMillis = nowMillis + PURGE_EVERY_MILLIS;
      }
    } catch (SQLException e) {
      LOG.log(System.Logger.Level.WARNING, "old idempotency keys could not be removed", e);
      abandon();
      purgeAtMillis = nowMillis + PURGE_EVERY_MILLIS;
    }
  }

  /** Leaves a connection whose state is not known; the next batch opens another. */
  private void abandon() {
    away = true;
    try {
      if (writes != null) {
        writes.close();
      }
    } catch (SQLException e) {
      LOG.log(System.Logger.Level.WARNING, "closing the journal's writing connection", e);
    }
    writes = null;
  }

  private void end() {
    closing = true;
    ended = true;
    batch.forEach(pending -> pending.future().completeExceptionally(closed()));
    refuseQueued();
    abandon();
  }

  private void refuseQueued() {
    for (Pending left = queue.poll(); left != null; left = queue.poll()) {
      left.future().completeExceptionally(closed());
    }
  }

  private static JournalFault closed() {
    return new JournalFault(CLOSED, "appending");
  }

  /** Writes what is queued and waits for it. */
  @Override
  public void close() {
    closing = true;
    // If the queue is full there is no need to wake anybody.
    var _ = queue.offer(wake);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}

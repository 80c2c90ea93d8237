package io.fermata.journal;

import static io.fermata.journal.JournalFault.Code.CLOSED;
import static io.fermata.journal.JournalFault.Code.READ_FAILED;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A fixed number of read-only connections, each opened when it is first needed. No pool that opens
 * them in the background: after an outage such a one makes callers wait for its own pauses, and one
 * of the callers is the loop that keeps guests from staying dark. A query runs on its caller's
 * thread; one that comes while all are busy waits. Queries are short, so callers wait for
 * milliseconds.
 */
final class Readers implements Reading {
  private final GroupCommit.Opening opening;

  /** An empty seat is one whose connection is to be opened by whoever takes it. */
  private final BlockingQueue<Optional<Connection>> seats = new LinkedBlockingQueue<>();

  private final int count;
  private volatile boolean closed;

  Readers(GroupCommit.Opening opening, int count) {
    this.opening = opening;
    this.count = count;
    for (int i = 0; i < count; i++) {
      seats.add(Optional.empty());
    }
  }

  @Override
  public <T> T read(String what, Query<T> query) {
    Optional<Connection> seat = take(what);
    // A connection that failed is not trusted with the next question: the seat goes back empty.
    Optional<Connection> after = Optional.empty();
    try {
      if (closed) {
        after = seat;
        throw new JournalFault(CLOSED, what);
      }
      if (seat.isPresent()) {
        try {
          T answer = query.ask(seat.get());
          after = seat;
          return answer;
        } catch (SQLException stale) {
          // It may have died while it lay idle, with the server that it led to: ask a fresh one.
          discard(seat);
          seat = Optional.empty();
        }
      }
      Connection connection = opening.open();
      seat = Optional.of(connection);
      T answer = query.ask(connection);
      after = seat;
      return answer;
    } catch (SQLException e) {
      throw new JournalFault(READ_FAILED, what, e);
    } finally {
      if (after.isEmpty()) {
        discard(seat);
      }
      seats.add(after);
    }
  }

  private Optional<Connection> take(String what) {
    try {
      return seats.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JournalFault(READ_FAILED, what + ", interrupted while waiting for a reader", e);
    }
  }

  private static void discard(Optional<Connection> seat) {
    try {
      if (seat.isPresent()) {
        seat.get().close();
      }
    } catch (SQLException e) {
      System.getLogger(Readers.class.getName())
          .log(System.Logger.Level.WARNING, "closing a reader of the journal", e);
    }
  }

  /** Waits for the queries that run. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (int i = 0; i < count; i++) {
      discard(take("closing"));
    }
    for (int i = 0; i < count; i++) {
      seats.add(Optional.empty());
    }
  }
}

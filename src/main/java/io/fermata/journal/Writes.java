package io.fermata.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The writing SQL, on one connection that only the writer uses. Everything since the last {@link
 * #commit} is one transaction. After an {@link SQLException} the connection's state is not known:
 * close it and open another.
 */
final class Writes implements AutoCloseable {
  /** So few at once that no append waits long behind them. */
  static final int PURGE_ROWS = 200;

  /** The word fermata; locks of this kind are the database's own, not the server's. */
  private static final long TURN = 0x6665726d617461L;

  /** The audit chain: writers take turns at it. */
  private static final String CHAIN = "main";

  private final Connection connection;
  private final Map<String, PreparedStatement> prepared = new HashMap<>();
  private final ExtraWrites extras;

  /** Takes the connection over and closes it in {@link #close}. */
  Writes(Connection connection) throws SQLException {
    this.connection = connection;
    this.extras = new ExtraWrites(connection, this::update, CHAIN);
    connection.setAutoCommit(false);
  }

  /** Returns when everything since the last commit is on disk. */
  void commit() throws SQLException {
    connection.commit();
  }

  /** Ends a transaction that has only read: an idle one would keep the server from clearing up. */
  void endRead() throws SQLException {
    connection.rollback();
  }

  /**
   * Waits until every other writer's transaction is over, and keeps later ones waiting until this
   * one is. So seqs come without gaps, and whoever sees one sees all before it: the lock is let go
   * only after what it guarded can be seen. PostgreSQL only.
   *
   * @return the last seq that is taken
   */
  long takeTurn() throws SQLException {
    update("select pg_advisory_xact_lock(" + TURN + ") is null");
    extras.othersMayHaveWritten();
    return lastSeq();
  }

  /** The highest seq that this connection sees. */
  long lastSeq() throws SQLException {
    return Reads.lastSeq(connection);
  }

  List<Entry> entriesAfter(long seq, int limit) throws SQLException {
    return Reads.entriesAfter(connection, seq, limit, "");
  }

  /**
   * Applies one change inside the open transaction; a refused one leaves no trace in it.
   *
   * @param firstSeq the seq of its first entry
   */
  List<Entry> apply(Change change, long firstSeq, long nowMillis) throws SQLException {
    update("savepoint one_change");
    try {
      // The key is looked at first: a repeated request gets its answer, not the conflict that its
      // first run has caused.
      takeKey(change);
      writeRow(change);
      for (HostWrite host : change.hosts()) {
        writeHost(host);
      }
      extras.apply(change.extras());
      List<Entry> entries = appendEntries(change, firstSeq, nowMillis);
      update("release one_change");
      return entries;
    } catch (KeyTaken | VersionConflict refusal) {
      update("rollback to one_change");
      update("release one_change");
      throw refusal;
    }
  }

  /** Forgets keys created before, at most {@link #PURGE_ROWS}, and returns how many they were. */
  int purgeKeys(long beforeMillis) throws SQLException {
    return update(
        """
        delete from idempotency where request_key in (
          select request_key from idempotency where created_millis < ?
          order by created_millis limit ?)\
        """,
        beforeMillis,
        PURGE_ROWS);
  }

  private void takeKey(Change change) throws SQLException {
    Idempotency key = change.idempotency();
    if (key == null) {
      return;
    }
    int taken =
        update(
            """
            insert into idempotency (request_key, request_hash, answer, created_millis)
            values (?, ?, ?, ?) on conflict (request_key) do nothing\
            """,
            key.key(),
            key.requestHash(),
            key.answer(),
            key.createdMillis());
    if (taken == 0) {
      throw new KeyTaken(Reads.idempotency(connection, key.key()).orElseThrow());
    }
  }

  private void writeRow(Change change) throws SQLException {
    RowWrite write = change.row();
    if (write == null) {
      return;
    }
    int written = write.expectedVersion() == 0 ? insert(write.row()) : replace(write);
    if (written == 0) {
      String id = write.row().id();
      long found = Reads.row(connection, id).map(Row::version).orElse(0L);
      throw new VersionConflict(id, write.expectedVersion(), found);
    }
  }

  private int insert(Row row) throws SQLException {
    return update(
        """
        insert into migration (id, vm, source, destination, phase, outcome, owner, epoch, version,
          created_millis, updated_millis, data)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing\
        """,
        row.id(),
        row.vm(),
        row.source(),
        row.destination(),
        row.phase(),
        row.outcome(),
        row.owner(),
        row.epoch(),
        row.version(),
        row.createdMillis(),
        row.updatedMillis(),
        row.data());
  }

  private int replace(RowWrite write) throws SQLException {
    Row row = write.row();
    Term holder = write.holder();
    return update(
        """
        update migration set vm = ?, source = ?, destination = ?, phase = ?, outcome = ?, owner = ?,
          epoch = ?, version = ?, updated_millis = ?, data = ?
        where id = ? and version = ? and owner = coalesce(?, owner) and epoch = coalesce(?, epoch)\
        """,
        row.vm(),
        row.source(),
        row.destination(),
        row.phase(),
        row.outcome(),
        row.owner(),
        row.epoch(),
        row.version(),
        row.updatedMillis(),
        row.data(),
        row.id(),
        write.expectedVersion(),
        holder == null ? null : holder.owner(),
        holder == null ? null : holder.epoch());
  }

  private void writeHost(HostWrite write) throws SQLException {
    int written =
        switch (write) {
          case HostWrite.Put(HostRow host, long expected) when expected == 0 ->
              update(
                  "insert into host (name, data, version) values (?, ?, ?)"
                      + " on conflict (name) do nothing",
                  host.name(),
                  host.data(),
                  host.version());
          case HostWrite.Put(HostRow host, long expected) ->
              update(
                  "update host set data = ?, version = ? where name = ? and version = ?",
                  host.data(),
                  host.version(),
                  host.name(),
                  expected);
          case HostWrite.Delete(String name, long expected) ->
              update("delete from host where name = ? and version = ?", name, expected);
        };
    if (written == 0) {
      long found = Reads.hostVersion(connection, write.name());
      throw new VersionConflict(write.name(), write.expectedVersion(), found);
    }
  }

  private List<Entry> appendEntries(Change change, long firstSeq, long nowMillis)
      throws SQLException {
    List<Entry> entries = new ArrayList<>(change.entries().size());
    for (NewEntry entry : change.entries()) {
      long seq = firstSeq + entries.size();
      update(
          """
          insert into entry (seq, time_millis, type, subject, actor, data)
          values (?, ?, ?, ?, ?, ?)\
          """,
          seq,
          nowMillis,
          entry.type(),
          entry.subject(),
          entry.actor(),
          entry.data());
      entries.add(
          new Entry(seq, nowMillis, entry.type(), entry.subject(), entry.actor(), entry.data()));
    }
    return List.copyOf(entries);
  }

  private int update(String sql, @Nullable Object... values) throws SQLException {
    PreparedStatement statement = prepared.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      prepared.put(sql, statement);
    }
    Reads.bind(statement, values);
    return statement.execute() ? 0 : statement.getUpdateCount();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}

package io.fermata.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The writing SQL of audit records and documents. It knows the end of the chain as long as it is
 * its turn to write; after a failed commit it is thrown away with its connection.
 */
final class ExtraWrites {
  private final Connection connection;
  private final Update update;
  private final String chain;
  private long number;
  private @Nullable String head;

  /** Runs one prepared statement. */
  interface Update {
    int run(String sql, @Nullable Object... values) throws SQLException;
  }

  ExtraWrites(Connection connection, Update update, String chain) {
    this.connection = connection;
    this.update = update;
    this.chain = chain;
  }

  /** A turn begins: the end of the chain has to be looked up. */
  void othersMayHaveWritten() {
    head = null;
  }

  /** Documents first: a refused one must not have moved the end of the chain. */
  void apply(List<Extra> extras) throws SQLException {
    for (Extra extra : extras) {
      switch (extra) {
        case Extra.Put put -> put(put);
        case Extra.Delete(String kind, String id) ->
            update.run("delete from document where kind = ? and id = ?", kind, id);
        case Extra.Audit audit -> {}
      }
    }
    for (Extra extra : extras) {
      if (extra instanceof Extra.Audit(NewAudit record)) {
        append(record);
      }
    }
  }

  private void put(Extra.Put put) throws SQLException {
    Document document = put.document();
    int written =
        put.expectedVersion() == 0
            ? update.run(
                "insert into document (kind, id, version, data) values (?, ?, ?, ?)"
                    + " on conflict (kind, id) do nothing",
                document.kind(),
                document.id(),
                document.version(),
                document.data())
            : update.run(
                "update document set version = ?, data = ?"
                    + " where kind = ? and id = ? and version = ?",
                document.version(),
                document.data(),
                document.kind(),
                document.id(),
                put.expectedVersion());
    if (written == 0) {
      long found = ExtraReads.version(connection, document.kind(), document.id());
      throw new VersionConflict(document.id(), put.expectedVersion(), found);
    }
  }

  private void append(NewAudit record) throws SQLException {
    Audited link = Audited.after(head(), chain, number + 1, record);
    update.run(
        """
        insert into audit (chain, number, time_millis, actor, action, subject, decision, data,
          previous, hash)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)\
        """,
        chain,
        link.number(),
        record.timeMillis(),
        record.actor(),
        record.action(),
        record.subject(),
        record.decision(),
        record.data(),
        link.previous(),
        link.hash());
    number = link.number();
    head = link.hash();
  }

  private String head() throws SQLException {
    String known = head;
    if (known == null) {
      List<Audited> last = ExtraReads.head(connection, chain);
      number = last.isEmpty() ? 0 : last.getFirst().number();
      known = last.isEmpty() ? Audited.genesis(chain) : last.getFirst().hash();
    }
    return known;
  }
}

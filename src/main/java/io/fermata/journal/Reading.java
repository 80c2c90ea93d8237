package io.fermata.journal;

import java.sql.Connection;
import java.sql.SQLException;

/** Where the journal's queries are answered: some connections that cannot write. */
interface Reading extends AutoCloseable {
  /** One question to the database. */
  interface Query<T> {
    T ask(Connection connection) throws SQLException;
  }

  /**
   * Asks, on the caller's thread.
   *
   * @param what is asked, for the message of a fault
   * @throws JournalFault if there is no answer
   */
  <T> T read(String what, Query<T> query);

  /** Later questions are refused. */
  @Override
  void close();
}

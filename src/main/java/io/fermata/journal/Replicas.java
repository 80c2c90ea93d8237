package io.fermata.journal;

import java.util.List;

/**
 * The replicas that share a journal, each with a lease that the database's clock measures; and the
 * migrations that nobody living owns. Every call asks the database, on the caller's thread, and
 * throws {@link JournalFault} where it does not answer.
 */
public interface Replicas extends AutoCloseable {
  /**
   * One replica.
   *
   * @param id its incarnation: another one after each start
   * @param url where other replicas reach its API
   * @param token what a replica shows to prove that it reads the same journal; never shown to users
   * @param startedMillis when it came, epoch milliseconds of the database
   * @param leaseLeftMillis how long its lease still runs; below 0 it has ended
   */
  record Replica(String id, String url, String token, long startedMillis, long leaseLeftMillis) {
    /** Whether its lease runs. */
    public boolean lives() {
      return leaseLeftMillis > 0;
    }

    @Override
    public String toString() {
      return id + " at " + url;
    }
  }

  /** An open migration's owner, and nothing more of it. */
  record Held(String id, Term term) {}

  /**
   * Begins the lease of a replica, or lets it run on from now.
   *
   * @return whether it never ended: then nobody can have taken anything from it
   */
  boolean renew(Replica self, long leaseMillis);

  /** Open migrations whose owner's lease has ended, oldest first. */
  List<Row> orphans(int limit);

  /** Every open migration and who owns it. */
  List<Held> held();

  /** Those that live and those that died lately, oldest first. */
  List<Replica> all();

  /** Ends the lease of a replica that stops: others need not wait for it. */
  void leave(String id);

  @Override
  void close();
}

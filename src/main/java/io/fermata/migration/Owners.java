package io.fermata.migration;

import io.fermata.handover.MigrationId;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Which replica drives which migration: for whoever has to send a request to the right one. */
public interface Owners {
  /** The lease of a replica from which nobody could take over. */
  long NEVER_ENDS = Long.MAX_VALUE;

  /**
   * A replica.
   *
   * @param url where its API is; empty if the database does not know it any more
   * @param token what another one shows it, and no user ever sees
   * @param leaseLeftMillis how long its lease still runs; not above 0 where it has ended
   */
  record Owner(String id, String url, String token, long startedMillis, long leaseLeftMillis) {
    /** Whether its lease runs. */
    public boolean lives() {
      return leaseLeftMillis > 0;
    }

    /** Whether its lease ever ends: it does where others could take over. */
    public boolean leased() {
      return leaseLeftMillis != NEVER_ENDS;
    }
  }

  /** What a replica owns: the epoch of each open migration. */
  record Holding(Owner owner, SortedMap<String, Long> epochs) {}

  /** This replica's id. */
  String self();

  /** Whether that word is the one that the others know this replica by. */
  boolean isToken(String word);

  /**
   * The other replica that drives this open migration; empty if it is this one, or over.
   *
   * @throws Migrations.Unreadable if the database does not say
   */
  Optional<Owner> elsewhere(MigrationId id);

  /** Looks at once for what nobody living owns, instead of at the next heartbeat. */
  void hurry();

  /**
   * Every replica and what it owns; the dead ones too, for an hour.
   *
   * @throws Migrations.Unreadable if the database does not say
   */
  List<Holding> all();

  /** Those of a replica that drives everything and owns nothing yet. */
  static Owners only(String self) {
    return new Owners() {
      @Override
      public String self() {
        return self;
      }

      @Override
      public boolean isToken(String word) {
        return false;
      }

      @Override
      public Optional<Owner> elsewhere(MigrationId id) {
        return Optional.empty();
      }

      @Override
      public void hurry() {
        // nobody else could own anything
      }

      @Override
      public List<Holding> all() {
        return List.of(new Holding(new Owner(self, "", "", 0, NEVER_ENDS), new TreeMap<>()));
      }
    };
  }
}

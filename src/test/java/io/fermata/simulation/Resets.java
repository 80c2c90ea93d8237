package io.fermata.simulation;

import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies that somebody else has reset at their destination. What no agent can put right is told
 * apart here from what one has to: decision 70.
 */
public final class Resets {
  private final Ledger ledger;
  private final List<Wiped> wiped = new ArrayList<>();

  private record Wiped(HostName host, MigrationId migration, Content content, boolean forgotten) {}

  Resets(Ledger ledger) {
    this.ledger = ledger;
  }

  void add(HostName host, Content content) {
    ledger.open(host).stream()
        .filter(id -> isFor(ledger.of(host, id), content.guest()))
        .forEach(id -> wiped.add(new Wiped(host, id, content, false)));
  }

  private static boolean isFor(List<Fact> facts, String guest) {
    return facts.stream()
        .anyMatch(f ->
            f instanceof Fact.Claimed c
                && c.side() == Side.DESTINATION
                && c.spec().vm().equals(guest));
  }

  /** The agent there is gone; what it knew of its devices' states went with it. */
  void forgets(HostName host) {
    wiped.replaceAll(w -> w.host.equals(host) ? new Wiped(host, w.migration, w.content, true) : w);
  }

  /**
   * Whether a copy of the guest was reset whose set has begun to run: some of it was seen outside,
   * and the rest is at the source. Nobody goes on or back alone; without a start the agents must.
   */
  boolean halved(String guest) {
    return wiped.stream()
        .anyMatch(w -> w.content.guest().equals(guest) && ledger.started(w.host, w.migration));
  }

  /**
   * Whether this state was let go of because an agent that started anew found its reset device in
   * RUNNING, under a start that is on disk, and could not know.
   */
  public boolean excuses(String key, long version) {
    return wiped.stream()
        .anyMatch(w ->
            w.forgotten
                && w.content.key().equals(key)
                && w.content.version() == version
                && ledger.started(w.host, w.migration));
  }
}

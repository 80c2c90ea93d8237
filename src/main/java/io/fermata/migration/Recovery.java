package io.fermata.migration;

import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.Remembered;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Whether this journal is as new as what the agents remember, and what is done where it is not: a
 * journal that was restored from a backup drives nothing until an operator has accepted what the
 * agents know.
 */
public interface Recovery {
  /** Who asked for a migration that only the agents knew. */
  String TRIGGER = "recovery";

  /** How far it is. */
  enum State {
    /** The agents are being asked; nothing is driven yet. */
    COMPARING,
    /** The agents know more than the journal. Nothing is driven, nothing starts. */
    QUARANTINE,
    /**
     * A host that came back later knows more than the journal. What was driven is driven on;
     * nothing new starts.
     */
    HELD,
    /** The journal knows what the agents know that answered. */
    OPEN
  }

  /** How an agent's memory of a migration stands to the journal. */
  enum Verdict {
    MATCHES,
    AGENT_AHEAD,
    UNKNOWN_TO_US
  }

  /**
   * One migration that agents remember.
   *
   * @param why what the journal does not know; empty where it knows all
   * @param claims what each agent remembers of it; never empty
   * @param kept what the journal has, or null
   * @param after what it becomes when it is imported; null where nothing is
   * @param version of the journal's row; 0 where there is none
   */
  record Finding(
      Verdict verdict,
      String why,
      List<Remembered> claims,
      @Nullable Migration kept,
      @Nullable Migration after,
      long version) {
    public Finding {
      claims = List.copyOf(claims);
    }

    /** Which one it is. */
    public MigrationId migration() {
      return claims.getFirst().migration();
    }
  }

  /**
   * One host of the inventory.
   *
   * @param silent why it was not compared, or null when it was
   * @param remembered how many claims it remembers
   * @param differing how many of them are of migrations of which the journal knows less
   */
  record Host(HostName name, @Nullable String silent, int remembered, int differing) {}

  /**
   * How it stands.
   *
   * @param version changes with what there is to accept
   * @param since epoch milliseconds
   * @param findings those that do not match
   */
  record View(State state, long version, long since, List<Host> hosts, List<Finding> findings) {
    public View {
      hosts = List.copyOf(hosts);
      findings = List.copyOf(findings);
    }

    /** Hosts that have not said what they remember. */
    public List<HostName> silent() {
      return hosts.stream().filter(h -> h.silent() != null).map(Host::name).toList();
    }

    /** Whether somebody has to accept something. */
    public boolean waits() {
      return state == State.QUARANTINE || state == State.HELD;
    }
  }

  /**
   * Somebody's word.
   *
   * @param version the view that it is about
   * @param withoutSilent whether to go on although some hosts have said nothing; they are compared
   *     when they come back, and what they know is imported then
   */
  record Acceptance(String actor, String reason, long version, boolean withoutSilent) {}

  /** What came of it. */
  sealed interface Result {
    /** It is imported, and what was open is driven. */
    record Done(View view, int imported) implements Result {}

    /** Nothing waits to be accepted. */
    record Nothing(View view) implements Result {}

    /** What there is to accept has changed. */
    record Outdated(View view) implements Result {}

    /** These hosts have said nothing, and it was not said to go on without them. */
    record HostsMissing(List<HostName> hosts) implements Result {}

    /** The journal does not take it; what was imported already stays so. */
    record Unavailable(String detail) implements Result {}
  }

  /** How it stands; on any thread. */
  View view();

  /** Imports what the agents know, raises the epochs above theirs, and begins. */
  CompletableFuture<Result> accept(Acceptance word);

  /** Of an orchestrator that has nobody to compare with. */
  static Recovery open() {
    View open = new View(State.OPEN, 0, 0, List.of(), List.of());
    return new Recovery() {
      @Override
      public View view() {
        return open;
      }

      @Override
      public CompletableFuture<Result> accept(Acceptance word) {
        return CompletableFuture.completedFuture(new Result.Nothing(open));
      }
    };
  }
}

package io.fermata.migration;

import io.fermata.handover.MigrationId;
import java.util.Optional;
import java.util.TreeSet;

/** When each run is to be looked at again; one time each. On the loop's thread. */
final class Wakes {
  private final TreeSet<Wake> wakes = new TreeSet<>();

  private record Wake(long at, MigrationId id) implements Comparable<Wake> {
    @Override
    public int compareTo(Wake other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : id.compareTo(other.id);
    }
  }

  /** Takes away the first that is due. */
  Optional<MigrationId> due(long now) {
    return wakes.isEmpty() || wakes.first().at() > now
        ? Optional.empty()
        : Optional.of(wakes.removeFirst().id());
  }

  void set(Run run, long at) {
    MigrationId id = run.migration().id();
    run.wake().ifPresent(old -> wakes.remove(new Wake(old, id)));
    run.wakeAt(at);
    wakes.add(new Wake(at, id));
  }

  void forget(MigrationId id) {
    wakes.removeIf(wake -> wake.id().equals(id));
  }

  /** Epoch milliseconds; for ever where nobody has to be woken. */
  long nextMillis() {
    return wakes.isEmpty() ? Long.MAX_VALUE : wakes.first().at();
  }
}

package io.fermata.migration;

import io.fermata.handover.MigrationId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Whoever waits for a migration to change, or for his time to be over. On the loop's thread. */
final class Watchers {
  private final List<Watcher> watchers = new ArrayList<>();

  private record Watcher(MigrationId id, long version, long until, Runnable then) {}

  void add(MigrationId id, long version, long untilMillis, Runnable then) {
    watchers.add(new Watcher(id, version, untilMillis, then));
  }

  /** When the first of them goes away by itself, epoch milliseconds. */
  long nextMillis() {
    return watchers.stream().mapToLong(Watcher::until).min().orElse(Long.MAX_VALUE);
  }

  /** Tells those whose migration has changed. */
  void notice(Map<MigrationId, Run> runs, long now) {
    for (Watcher watcher : List.copyOf(watchers)) {
      Run run = runs.get(watcher.id());
      // an end is shown once it is durable; from then on the run is forgotten
      boolean changed =
          run == null
              || (run.migration().version() != watcher.version() && !run.migration().ended());
      if (changed || now >= watcher.until()) {
        watchers.remove(watcher);
        watcher.then().run();
      }
    }
  }
}

package io.fermata.migration;

import io.fermata.handover.MigrationId;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Runs for tests, whose rows show them as they are. */
final class Runs {
  private Runs() {}

  static Run of(Migration m) {
    return new Run(m, 1);
  }

  /** One that waits for its places. */
  static Run queued(String id) {
    return of(Orders.queued(id, "host-a", "host-b"));
  }

  /** One that has its places. */
  static Run started(String id, String source, String destination) {
    Run run = of(Orders.queued(id, source, destination));
    run.letStart();
    return run;
  }

  /** One that has all that it needs to go dark since that time, but the right to. */
  static Run ready(String id, long sinceMillis) {
    Note moved = new Note.Moved(Phase.QUEUED, Phase.PRECOPYING, Trigger.ADMITTED, null);
    Run run = of(Orders.queued(id, "host-a", "host-b").with(List.of(moved), 1));
    run.ready(true, sinceMillis);
    return run;
  }

  static Set<MigrationId> ids(List<Run> runs) {
    return runs.stream().map(run -> run.migration().id()).collect(Collectors.toSet());
  }
}

package io.fermata.migration;

import io.fermata.fleet.HostView;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What happens before anything is claimed: wait for a place, then check once more on fresh
 * knowledge.
 */
final class Admission {
  private Admission() {}

  /** Whether one more migration may start. */
  enum Place {
    FREE,
    TAKEN,
    /** Agents may know that it has started: in a journal that this one is an older copy of. */
    KEPT_BACK
  }

  static Decision decide(
      Migration m, Optional<HostView> source, Optional<HostView> destination, Place place) {
    if (place == Place.KEPT_BACK) {
      return Decision.nothing(); // nor is it cancelled: its set may be dark
    }
    if (m.abort() != null) {
      return Decision.end(Trigger.DROPPED, Outcome.CANCELLED);
    }
    if (m.phase() == Phase.QUEUED) {
      return place == Place.FREE ? Decision.move(Trigger.ADMITTED) : Decision.nothing();
    }
    if (source.isEmpty() || destination.isEmpty()) {
      return drop("a host of the order is not in the inventory any more");
    }
    List<Checks.Check> failed =
        Checks.failures(Checks.of(m.order(), source.get(), destination.get()));
    return failed.isEmpty()
        ? Decision.move(Trigger.CHECKED)
        : drop(failed.stream().map(Checks.Check::detail).collect(Collectors.joining("; ")));
  }

  private static Decision drop(String why) {
    return Decision.end(
        Trigger.DROPPED,
        Outcome.FAILED,
        new Note.Failed(Failure.of(Failure.Code.CHECK_FAILED, why)));
  }
}

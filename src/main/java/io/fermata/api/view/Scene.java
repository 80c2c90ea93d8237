package io.fermata.api.view;

import io.fermata.fleet.HostView;
import io.fermata.migration.Estimate;
import io.fermata.migration.Latencies;
import io.fermata.migration.Live;
import io.fermata.migration.Migration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A migration with what surrounds it, at one moment.
 *
 * @param source its source as the fleet knows it, or null where it left the inventory
 * @param destination its destination likewise
 * @param percent how far it is; never less than what was shown before; null when that says nothing
 * @param learned how long hops usually take
 */
public record Scene(
    Live live,
    @Nullable HostView source,
    @Nullable HostView destination,
    Instant now,
    @Nullable Integer percent,
    Latencies learned) {

  /** The same with other sides. */
  Scene with(Live other) {
    return new Scene(other, source, destination, now, percent, learned);
  }

  /** The migration as the journal knows it. */
  public Migration migration() {
    return live.migration();
  }

  /** How long the guest has been dark, in milliseconds: the whole once it is over, or null. */
  public @Nullable Double darkMillis() {
    Migration.Blackout blackout = migration().blackout();
    if (blackout != null) {
      return blackout.totalNanos() / 1e6;
    }
    if (migration().darkSince() == 0 || migration().ended()) {
      return null;
    }
    return (double) Math.max(0, now.toEpochMilli() - migration().darkSince());
  }

  /** What the blackout is likely to be, or null; nothing is estimated after the fact. */
  public @Nullable Long estimateMillis() {
    return source == null || migration().ended()
        ? null
        : Estimate.of(migration().order(), source, learned).totalMillis();
  }

  /** Milliseconds of nanoseconds, with fraction. */
  static double millis(long nanos) {
    return nanos / 1e6;
  }
}

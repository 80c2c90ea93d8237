package io.fermata.agent.stream;

import io.fermata.device.DeviceName;
import io.fermata.handover.Event;
import io.fermata.handover.MigrationId;
import org.jspecify.annotations.Nullable;

/** Tells the loop how far one stream is, at a bounded rate and only when it has changed. */
final class Meter {
  /** Asks for what is left. Called only when it is told. */
  interface Left {
    Rest ask();
  }

  /**
   * What a device still has to give.
   *
   * @param bytes null when it cannot be known
   * @param restarts how often its driver has said that new initial data appeared
   */
  record Rest(@Nullable Long bytes, int restarts) {
    static final Rest UNKNOWN = new Rest(null, 0);
  }

  private final Means means;
  private final Voice voice;
  private final MigrationId migration;
  private final DeviceName device;
  private long toldAtNanos;
  private Event.@Nullable Flowed told;

  Meter(Means means, Voice voice, MigrationId migration, DeviceName device) {
    this.means = means;
    this.voice = voice;
    this.migration = migration;
    this.device = device;
    this.toldAtNanos = means.clock().nanos();
  }

  void at(long movedBytes, Left left) {
    if (means.millisSince(toldAtNanos) < means.settings().progressMillis()) {
      return;
    }
    toldAtNanos = means.clock().nanos();
    tell(movedBytes, left.ask());
  }

  /** At once: what is left of a stream that cannot go on makes no set ready. */
  void stands(long movedBytes, int restarts) {
    tell(movedBytes, new Rest(null, restarts));
  }

  private void tell(long movedBytes, Rest rest) {
    Event.Flowed now =
        new Event.Flowed(migration, device, movedBytes, rest.bytes(), rest.restarts());
    if (!now.equals(told)) {
      told = now;
      voice.say(now);
    }
  }
}

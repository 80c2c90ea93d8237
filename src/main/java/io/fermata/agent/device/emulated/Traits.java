package io.fermata.agent.device.emulated;

import org.jspecify.annotations.Nullable;

/**
 * What one device does differently from its profile; null leaves it as the profile has it.
 *
 * @param flags the kernel's migration flags: 1, 3, 5 or 7; 0 is a device without migration support
 * @param model what both ends must share
 * @param stateBytes size of the state
 * @param dirtyBytesPerSecond how much of it changes per second of running
 * @param latencies times of the hops
 * @param stateWaits whether a GET waits for a SET under way, as with most drivers; true if null
 */
public record Traits(
    @Nullable Integer flags,
    @Nullable String model,
    @Nullable Long stateBytes,
    @Nullable Long dirtyBytesPerSecond,
    @Nullable HopLatencies latencies,
    @Nullable Boolean stateWaits) {

  /** As the profile has it. */
  public static final Traits OF_PROFILE = new Traits(null, null, null, null, null, null);

  /** The same with these migration flags. */
  public Traits withFlags(int flags) {
    return new Traits(flags, model, stateBytes, dirtyBytesPerSecond, latencies, stateWaits);
  }

  /** The same with this model. */
  public Traits withModel(String model) {
    return new Traits(flags, model, stateBytes, dirtyBytesPerSecond, latencies, stateWaits);
  }

  /** The same with a state of this size. */
  public Traits withStateBytes(long stateBytes) {
    return new Traits(flags, model, stateBytes, dirtyBytesPerSecond, latencies, stateWaits);
  }

  /** The same with this much of the state changing. */
  public Traits withDirtyBytesPerSecond(long dirty) {
    return new Traits(flags, model, stateBytes, dirty, latencies, stateWaits);
  }

  /** The same with these times. */
  public Traits withLatencies(HopLatencies latencies) {
    return new Traits(flags, model, stateBytes, dirtyBytesPerSecond, latencies, stateWaits);
  }

  /** The same with GETs that answer at once while a SET is under way. */
  public Traits withStateAtOnce() {
    return new Traits(flags, model, stateBytes, dirtyBytesPerSecond, latencies, false);
  }
}

package io.fermata.fleet;

import org.jspecify.annotations.Nullable;

/**
 * What operators said of a host; it holds until they take it back.
 *
 * @param cordon nothing new comes to the host
 * @param quarantine nothing new involves the host's agent
 * @param place how it stands in the inventory, or null where nobody has changed what the settings
 *     say
 * @param version how often it was changed, 0 where it never was
 */
public record HostMarks(
    @Nullable Mark cordon, @Nullable Mark quarantine, @Nullable Place place, long version) {
  /** Nobody ever said anything. */
  public static final HostMarks NONE = new HostMarks(null, null, null, 0);

  /** Who said it, why, and since when, epoch milliseconds. */
  public record Mark(String actor, String reason, long sinceMillis) {}

  /**
   * A host as an administrator entered it.
   *
   * @param host null where it was retired
   */
  public record Place(FleetSettings.@Nullable Host host) {}

  /** Whether new migrations may come to the host. */
  public boolean placeable() {
    return cordon == null && quarantine == null;
  }

  /** The same with that cordon, or with none. */
  public HostMarks cordoned(@Nullable Mark by) {
    return new HostMarks(by, quarantine, place, version);
  }

  /** The same with that quarantine, or with none. */
  public HostMarks quarantined(@Nullable Mark by) {
    return new HostMarks(cordon, by, place, version);
  }

  /** The same host entered like that; what is retired is neither cordoned nor quarantined. */
  public HostMarks placed(Place as) {
    return as.host() == null
        ? new HostMarks(null, null, as, version)
        : new HostMarks(cordon, quarantine, as, version);
  }
}

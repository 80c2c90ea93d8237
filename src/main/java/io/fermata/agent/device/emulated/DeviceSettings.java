package io.fermata.agent.device.emulated;

import io.fermata.device.Capabilities;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * One emulated device.
 *
 * @param name its name on this host
 * @param profile the kind of device
 * @param group the devices of one group do DMA to each other: the set of one virtual machine
 * @param guest whose state it holds at the start; null for a blank device, such as a destination's
 * @param parent the physical function whose command queue it shares; null if it has its own
 * @param traits where it differs from its profile; null for nowhere
 * @param faults what will go wrong
 */
public record DeviceSettings(
    String name,
    EmulatedProfile profile,
    @DefaultValue("vm") String group,
    @Nullable String guest,
    @Nullable String parent,
    @Nullable Traits traits,
    @DefaultValue List<Fault> faults) {

  public DeviceSettings {
    faults = List.copyOf(faults);
    if (stateBytes(profile, traits) < 1) {
      throw new IllegalArgumentException(name + ": a device has at least one byte of state");
    }
  }

  /** A blank device of that kind, in the group {@code vm}. */
  public static DeviceSettings blank(String name, EmulatedProfile profile) {
    return new DeviceSettings(name, profile, "vm", null, null, null, List.of());
  }

  /** The same device holding that guest's state. */
  public DeviceSettings holding(String guest) {
    return new DeviceSettings(name, profile, group, guest, parent, traits, faults);
  }

  /** The same device with the command queue of that physical function. */
  public DeviceSettings behind(String parent) {
    return new DeviceSettings(name, profile, group, guest, parent, traits, faults);
  }

  /** The same device, different from its profile in this. */
  public DeviceSettings with(Traits traits) {
    return new DeviceSettings(name, profile, group, guest, parent, traits, faults);
  }

  Capabilities capabilities() {
    Integer flags = own().flags();
    return Capabilities.ofFlags(flags == null ? profile.flags() : flags);
  }

  String model() {
    String model = own().model();
    return model == null ? profile.model() : model;
  }

  long stateBytes() {
    return stateBytes(profile, traits);
  }

  long dirtyBytesPerSecond() {
    Long dirty = own().dirtyBytesPerSecond();
    return dirty == null ? profile.dirtyBytesPerSecond() : dirty;
  }

  HopLatencies latencies() {
    HopLatencies latencies = own().latencies();
    return latencies == null ? profile.latencies() : latencies;
  }

  boolean stateWaits() {
    return !Boolean.FALSE.equals(own().stateWaits());
  }

  private Traits own() {
    return traits == null ? Traits.OF_PROFILE : traits;
  }

  private static long stateBytes(EmulatedProfile profile, @Nullable Traits traits) {
    Long own = traits == null ? null : traits.stateBytes();
    return own == null ? profile.stateBytes() : own;
  }
}

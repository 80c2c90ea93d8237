package io.fermata.agent;

import io.fermata.agent.device.CorruptedDevice;
import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.GatedDevice;
import io.fermata.agent.device.PacedDevice;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How one kernel device misbehaves in a trial. Never for a device that a guest uses: what it adds
 * is no property of the device, and a spoilt image costs a migration.
 *
 * @param device the device's name in the settings
 * @param into time added before a hop into that state
 * @param perRead time added before each read of its image
 * @param damage what is done to its image, or null for nothing
 * @param gates folder of {@link GateFiles}, which make its calls hang; null for none
 */
public record TrialEntry(
    @Nullable String device,
    @DefaultValue Map<DeviceState, Duration> into,
    @DefaultValue("0") Duration perRead,
    CorruptedDevice.@Nullable Damage damage,
    @Nullable Path gates) {

  public TrialEntry {
    into = Map.copyOf(into);
  }

  /** What is wrong, beginning with the property below the entry; empty when nothing is. */
  Optional<String> problem(AgentSettings.@Nullable Backend backend) {
    if (device == null || !DeviceEntry.isName(device)) {
      return Optional.of(".device: missing, or no device name");
    }
    if (perRead.isNegative() || into.values().stream().anyMatch(Duration::isNegative)) {
      return Optional.of(": no time may be negative");
    }
    return backend == AgentSettings.Backend.KERNEL
        ? Optional.empty()
        : Optional.of(": only for kernel devices; emulated ones have traits and faults");
  }

  boolean concerns(DeviceName name) {
    return name.value().equals(device);
  }

  /** The device with this behaviour put on. */
  DeviceControl around(DeviceControl plain, PacedDevice.Pause pause) {
    DeviceControl shaped =
        damage == null ? plain : new CorruptedDevice(plain, Objects.requireNonNull(damage));
    DeviceControl paced = new PacedDevice(shaped, new PacedDevice.Pace(into, perRead), pause);
    return gates == null ? paced : new GatedDevice(paced, new GateFiles(plain.name(), gates, pause));
  }

  @Override
  public String toString() {
    return "hops into "
        + into
        + " and each read by "
        + perRead
        + " slower, image damage "
        + (damage == null ? "none" : damage)
        + (gates == null ? "" : ", hanging at the gates in " + gates);
  }
}

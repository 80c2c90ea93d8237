package io.fermata.agent.device.emulated;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * An emulated host.
 *
 * @param name how the event log calls it
 * @param devices its devices
 * @param tick how often every running device does DMA to its peers, besides at each state change; 0
 *     for only then
 * @param queueDepth how many hops the command queue of one physical function works on at once
 * @param seed where the devices' own randomness starts
 * @param eventsKept how many events are kept in memory
 * @param eventFile where every event is appended, or null
 * @param memory the folder in which the state of the devices outlives the process, or null
 */
public record HostSettings(
    @DefaultValue("host") String name,
    @DefaultValue List<DeviceSettings> devices,
    @DefaultValue("1ms") Duration tick,
    @DefaultValue("1") int queueDepth,
    @DefaultValue("1") long seed,
    @DefaultValue("4096") int eventsKept,
    @Nullable Path eventFile,
    @Nullable Path memory) {

  public HostSettings {
    devices = List.copyOf(devices);
    if (!name.matches("[A-Za-z0-9._:-]{1,64}")) {
      throw new IllegalArgumentException("a host is named by up to 64 letters, digits and ._:-");
    }
  }

  /** These devices with DMA every millisecond and nothing written to disk. */
  public static HostSettings of(String name, List<DeviceSettings> devices) {
    return new HostSettings(name, devices, Duration.ofMillis(1), 1, 1, 4096, null, null);
  }

  /** The same host with another tick. */
  public HostSettings ticking(Duration tick) {
    return new HostSettings(name, devices, tick, queueDepth, seed, eventsKept, eventFile, memory);
  }

  /** The same host with its events appended to that file. */
  public HostSettings loggingTo(Path eventFile) {
    return new HostSettings(name, devices, tick, queueDepth, seed, eventsKept, eventFile, memory);
  }
}

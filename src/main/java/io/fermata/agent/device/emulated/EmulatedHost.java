package io.fermata.agent.device.emulated;

import io.fermata.agent.device.DeviceControl;
import io.fermata.device.DeviceName;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * A host full of emulated devices that do DMA to each other from the moment it is built, and that
 * count what gets lost.
 */
public final class EmulatedHost implements AutoCloseable {
  private final Pace pace;
  private final EventLog log;
  private final SortedMap<String, PeerGroup> groups = new TreeMap<>();
  private final SortedMap<DeviceName, EmulatedDevice> devices = new TreeMap<>();
  private volatile boolean open = true;

  /** Makes one device's randomness from its seed. */
  public interface Randomness {
    RandomGenerator seeded(long seed);
  }

  /** Builds the host and starts its DMA, unless the tick is 0. */
  public EmulatedHost(HostSettings settings, Pace pace, Randomness randomness) {
    this.pace = pace;
    this.log = new EventLog(settings.name(), settings.eventsKept(), settings.eventFile());
    Map<String, CommandQueue> queues = new TreeMap<>();
    for (DeviceSettings each : settings.devices()) {
      // A device with no parent has a queue to itself, under a name that no parent can have.
      String queue = each.parent() == null ? "/" + each.name() : each.parent();
      var around =
          new EmulatedDevice.Surroundings(
              pace,
              groups.computeIfAbsent(each.group(), g -> new PeerGroup(pace, log)),
              queues.computeIfAbsent(queue, q -> new CommandQueue(settings.queueDepth())),
              settings.memory());
      // By place and not by name: two hosts of the same seed differ in nothing but their names.
      long seed = Content.mix(settings.seed() + devices.size());
      var device = new EmulatedDevice(each, around, randomness.seeded(seed));
      if (devices.put(device.name(), device) != null) {
        throw new IllegalArgumentException("two devices are called " + device.name());
      }
    }
    if (settings.tick().isPositive()) {
      startTicking(settings.name(), settings.tick());
    }
  }

  private void startTicking(String name, Duration tick) {
    Thread.ofPlatform().daemon().name("peer-dma-" + name).start(() -> keepTicking(tick));
  }

  private void keepTicking(Duration tick) {
    while (open) {
      pace.sleepNanos(tick.toNanos());
      tick();
    }
  }

  /** Every running device does DMA to its peers once. */
  public void tick() {
    groups.values().forEach(PeerGroup::burst);
  }

  /** The devices in the order of their names. */
  public List<DeviceControl> devices() {
    return List.copyOf(devices.values());
  }

  /** The device of that name. */
  public EmulatedDevice device(DeviceName name) {
    EmulatedDevice device = devices.get(name);
    if (device == null) {
      throw new IllegalArgumentException("no emulated device is called " + name);
    }
    return device;
  }

  /** Makes something go wrong with that device. */
  public void inject(DeviceName name, Fault fault) {
    device(name).inject(fault);
  }

  /** Lets the call go on that hangs in that device; false if none does. */
  public boolean release(DeviceName name) {
    return device(name).release();
  }

  /** A virtual CPU writes to that device, paused or not: see the kernel's rule on touching it. */
  public void doorbell(DeviceName name) {
    device(name).doorbell();
  }

  /** What all devices counted. */
  public Tally tally() {
    return groups.values().stream().map(PeerGroup::tally).reduce(new Tally(0, 0, 0), Tally::plus);
  }

  /** What all devices hold. */
  public SortedMap<DeviceName, Contents> contents() {
    SortedMap<DeviceName, Contents> contents = new TreeMap<>();
    devices.forEach((name, device) -> contents.put(name, device.contents()));
    return Collections.unmodifiableSortedMap(contents);
  }

  /** The newest events, oldest first. */
  public List<DeviceEvent> events() {
    return log.newest();
  }

  /** Ends the DMA, lets go of every call that hangs, and closes the event file. */
  @Override
  public void close() {
    open = false;
    devices.values().forEach(EmulatedDevice::release);
    log.close();
  }
}

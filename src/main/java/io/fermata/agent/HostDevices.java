package io.fermata.agent;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.emulated.DemoSet;
import io.fermata.agent.device.emulated.DeviceSettings;
import io.fermata.agent.device.emulated.EmulatedHost;
import io.fermata.agent.device.emulated.HostSettings;
import io.fermata.agent.device.emulated.RealPace;
import io.fermata.agent.device.kernel.KernelHost;
import io.fermata.agent.os.Supervisor;
import io.fermata.device.DeviceName;
import io.fermata.handover.Claims;
import io.fermata.wire.AgentStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The devices that this agent holds, whatever they are, and whom the settings give them to. */
final class HostDevices implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(HostDevices.class.getName());

  private final SortedMap<DeviceName, DeviceControl> devices = new TreeMap<>();
  private final Map<DeviceName, String> owners;
  private final @Nullable KernelHost kernel;
  private final @Nullable EmulatedHost emulated;

  private HostDevices(
      List<DeviceControl> devices,
      Map<DeviceName, String> owners,
      @Nullable KernelHost kernel,
      @Nullable EmulatedHost emulated) {
    devices.forEach(device -> this.devices.put(device.name(), device));
    this.owners = Map.copyOf(owners);
    this.kernel = kernel;
    this.emulated = emulated;
  }

  /** Opens what can be opened. */
  static HostDevices open(AgentSettings settings, Supervisor keeper) {
    return switch (settings.kind()) {
      case EMULATED -> emulated(settings);
      case KERNEL -> kernel(settings, keeper);
    };
  }

  private static HostDevices kernel(AgentSettings settings, Supervisor keeper) {
    var wanted = settings.devices().stream().map(DeviceEntry::ofKernel).toList();
    var host = KernelHost.open(wanted, keeper);
    Map<DeviceName, String> owners = new HashMap<>();
    for (DeviceEntry entry : settings.devices()) {
      if (entry.vm() != null) {
        owners.put(entry.deviceName(), entry.vm());
      }
    }
    var devices = host.all().stream().map(device -> tried(device, settings)).toList();
    return new HostDevices(devices, owners, host, null);
  }

  private static DeviceControl tried(DeviceControl device, AgentSettings settings) {
    DeviceControl shaped = device;
    for (TrialEntry entry : settings.trial()) {
      if (entry.concerns(device.name())) {
        LOG.log(
            System.Logger.Level.WARNING,
            "TRIAL SETTING, never for a guest''s device: {0} is made to misbehave: {1}",
            device.name(),
            entry);
        shaped = entry.around(shaped, time -> new RealPace().sleepNanos(time.toNanos()));
      }
    }
    return shaped;
  }

  private static HostDevices emulated(AgentSettings settings) {
    EmulatedWorld world = settings.emulated();
    String name = settings.hostName().value();
    List<DeviceSettings> all = new ArrayList<>(demo(name, world));
    settings.devices().forEach(entry -> all.add(entry.ofEmulation()));
    Map<DeviceName, String> owners = new HashMap<>();
    for (DeviceSettings each : all) {
      if (each.guest() != null) {
        owners.put(new DeviceName(each.name()), each.guest());
      }
    }
    var host =
        new EmulatedHost(
            new HostSettings(
                name,
                all,
                world.tick(),
                world.queueDepth(),
                world.seed(),
                world.eventsKept(),
                world.eventFile(),
                world.memory()),
            new RealPace(),
            SplittableRandom::new);
    return new HostDevices(host.devices(), owners, null, host);
  }

  private static List<DeviceSettings> demo(String name, EmulatedWorld world) {
    return switch (world.demo()) {
      case NONE -> List.of();
      case SOURCE -> DemoSet.source(name, world.demoVm()).devices();
      case DESTINATION -> DemoSet.destination(name).devices();
    };
  }

  /** Every device of the settings, also one whose descriptor the agent does not have. */
  SortedMap<DeviceName, DeviceControl> devices() {
    return devices;
  }

  /** Those that the agent has a descriptor of. */
  List<DeviceControl> held() {
    var missing = unavailable().stream().map(AgentStatus.Unavailable::name).toList();
    return devices.values().stream().filter(each -> !missing.contains(each.name())).toList();
  }

  /** Those that it has none of, and why. */
  List<AgentStatus.Unavailable> unavailable() {
    return kernel == null
        ? List.of()
        : kernel.unavailable().stream()
            .map(each -> new AgentStatus.Unavailable(each.name(), each.reason()))
            .toList();
  }

  /** What the claims start from. */
  Map<DeviceName, Claims.Holding> holdings() {
    SortedMap<DeviceName, Claims.Holding> holdings = new TreeMap<>();
    devices
        .keySet()
        .forEach(each -> holdings.put(each, new Claims.Holding(null, owners.get(each))));
    held()
        .forEach(each ->
            holdings.put(
                each.name(), new Claims.Holding(each.capabilities(), owners.get(each.name()))));
    return holdings;
  }

  /** The kernel's devices, when they are those. */
  Optional<KernelHost> kernel() {
    return Optional.ofNullable(kernel);
  }

  /** The emulated host, when the devices are emulated. */
  Optional<EmulatedHost> emulated() {
    return Optional.ofNullable(emulated);
  }

  @Override
  public void close() {
    kernel().ifPresent(KernelHost::close);
    emulated().ifPresent(EmulatedHost::close);
  }
}

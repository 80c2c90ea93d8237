package io.fermata.agent;

import io.fermata.agent.device.kernel.KernelDeviceSettings.Way;
import io.fermata.agent.device.kernel.KernelHost;
import io.fermata.agent.device.kernel.NotHeld;
import io.fermata.agent.hold.HoldServer;
import io.fermata.agent.hold.HoldSettings;
import io.fermata.agent.hold.Holder;
import io.fermata.device.DeviceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors of a host while its agent runs: taken, given, adopted and let go of, and the
 * claims told of each. What is to be adopted and is not here is looked for again and again, since a
 * VMM may start later than the agent.
 */
final class HeldDescriptors implements Holder, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(HeldDescriptors.class.getName());

  private final HostAgent agent;
  private final Optional<KernelHost> kernel;
  private final List<DeviceName> adopted;
  private final Duration retry;
  private final Thread thread;
  private @Nullable HoldServer server;

  private HeldDescriptors(HostAgent agent, AgentSettings settings) {
    this.agent = agent;
    this.kernel = agent.devices().kernel();
    this.retry = settings.holding().retry();
    this.adopted =
        settings.devices().stream()
            .filter(each -> kernel.isPresent() && each.way() == Way.ADOPT)
            .map(DeviceEntry::deviceName)
            .toList();
    this.thread = Thread.ofPlatform().daemon().name("hold-adopt").unstarted(this::adoptAll);
  }

  /** Listens where the settings say so, and begins to look for what is to be adopted. */
  static HeldDescriptors open(HostAgent agent, AgentSettings settings) {
    var held = new HeldDescriptors(agent, settings);
    if (held.kernel.isPresent() && settings.holding().socket() != null) {
      held.server = held.listen(settings);
    }
    if (!held.adopted.isEmpty()) {
      held.thread.start();
    }
    return held;
  }

  private HoldServer listen(AgentSettings settings) {
    HoldSettings holding = settings.holding();
    Map<DeviceName, Integer> owners = new HashMap<>();
    for (DeviceEntry entry : settings.devices()) {
      if (entry.uid() != null) {
        owners.put(entry.deviceName(), entry.uid());
      }
    }
    try {
      var doorkeeper = new HoldServer.Doorkeeper(self(), owners);
      return HoldServer.open(holding, doorkeeper, this, agent.host().value());
    } catch (IOException e) {
      throw new AgentMisconfigured(
          List.of("fermata.agent.holding.socket: " + holding.socket() + ": " + e));
    }
  }

  private static int self() throws IOException {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  private void adoptAll() {
    try {
      while (true) {
        adopted.forEach(this::tryToHold);
        Thread.sleep(retry);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  private void tryToHold(DeviceName device) {
    boolean missing =
        agent.devices().unavailable().stream().anyMatch(each -> each.name().equals(device));
    if (missing) {
      try {
        hold(device);
        LOG.log(System.Logger.Level.INFO, "{0}: adopted", device);
      } catch (NotHeld why) {
        LOG.log(System.Logger.Level.DEBUG, "{0}", why.getMessage());
      }
    }
  }

  @Override
  public void take(DeviceName device, int descriptor, @Nullable Integer iommu) {
    host(device).take(device, descriptor, iommu);
    gained(device);
  }

  @Override
  public void lend(DeviceName device, KernelHost.Borrower borrower) {
    host(device).lend(device, borrower);
  }

  @Override
  public void adopt(DeviceName device, int pid) {
    host(device).adopt(device, pid);
    gained(device);
  }

  @Override
  public void hold(DeviceName device) {
    host(device).hold(device);
    gained(device);
  }

  @Override
  public void release(DeviceName device) {
    KernelHost host = host(device);
    if (!heard(device, agent.loses(device))) {
      throw new NotHeld(NotHeld.Code.CLAIMED, device, "a migration holds it; end that first");
    }
    host.release(device);
  }

  private void gained(DeviceName device) {
    heard(device, agent.gained(device));
  }

  private static boolean heard(DeviceName device, CompletableFuture<Boolean> answer) {
    try {
      return Waits.forReply(Optional.of(answer), 0);
    } catch (AgentBusy busy) {
      throw new NotHeld(NotHeld.Code.BUSY, device, String.valueOf(busy.getMessage()));
    }
  }

  private KernelHost host(DeviceName device) {
    return kernel.orElseThrow(() ->
        new NotHeld(NotHeld.Code.UNKNOWN_DEVICE, device, "emulated devices have no descriptors"));
  }

  @Override
  public void close() {
    thread.interrupt();
    if (server != null) {
      server.close();
    }
  }
}

package io.fermata.api.view;

import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceState;
import io.fermata.drain.PowerOff;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.HostMarks;
import io.fermata.fleet.HostView;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Hosts and devices as programs see them. */
public final class InventoryView {
  private InventoryView() {}

  /**
   * A host; {@code devices} is how many its agent holds.
   *
   * @param safeToPowerOff true only on proof; null where the agent was not asked for one: in lists,
   *     where the host is not cordoned, and for whoever may not see every machine
   */
  public record HostJson(
      String name,
      Map<String, String> labels,
      boolean schedulable,
      AgentJson agent,
      @Nullable String dataPlane,
      long linkBytesPerSecond,
      int devices,
      @Nullable MarkJson cordon,
      @Nullable MarkJson quarantine,
      @Nullable Boolean safeToPowerOff,
      DrainView.@Nullable PowerOffJson powerOff) {
    /** The view of a host. */
    public static HostJson of(HostView host, Instant now) {
      return of(host, null, now);
    }

    /** The view of a host that was judged, or was not. */
    public static HostJson of(HostView host, @Nullable PowerOff judged, Instant now) {
      return new HostJson(
          host.name().value(),
          new TreeMap<>(host.labels()),
          host.schedulable(),
          AgentJson.of(host, now),
          host.dataPlane(),
          host.linkBytesPerSecond(),
          host.devices().size(),
          MarkJson.of(host.marks().cordon()),
          MarkJson.of(host.marks().quarantine()),
          judged == null ? null : (Boolean) judged.safe(),
          judged == null ? null : DrainView.PowerOffJson.of(judged));
    }
  }

  /** What an operator said of a host. */
  public record MarkJson(String actor, String reason, Instant since) {
    static @Nullable MarkJson of(HostMarks.@Nullable Mark mark) {
      return mark == null
          ? null
          : new MarkJson(mark.actor(), mark.reason(), Instant.ofEpochMilli(mark.sinceMillis()));
    }
  }

  /** The agent of a host, and how old that knowledge is. */
  public record AgentJson(
      String url,
      HostView.AgentState state,
      @Nullable String version,
      @Nullable Instant lastSeen,
      @Nullable Long ageMs,
      @Nullable Long clockOffsetNanos,
      @Nullable String trouble) {
    static AgentJson of(HostView host, Instant now) {
      Long seen = host.seenMillis();
      return new AgentJson(
          host.agent().toString(),
          host.state(),
          host.version(),
          seen == null ? null : Instant.ofEpochMilli(seen),
          seen == null ? null : (Long) age(seen, now),
          host.clockOffsetNanos(),
          host.trouble());
    }
  }

  /** A device as last reported, and how old the report is. */
  public record DeviceJson(
      String host,
      String name,
      String backend,
      String profile,
      String driver,
      String model,
      CapabilitiesJson capabilities,
      DeviceState state,
      Instant stateSeen,
      long stateAgeMs,
      @Nullable String owner,
      @Nullable String migration,
      @Nullable Long dataBytes,
      @Nullable String unavailable) {
    /** The view of a device. */
    public static DeviceJson of(DeviceView device, Instant now) {
      return new DeviceJson(
          device.host().value(),
          device.name().value(),
          device.backend(),
          device.profile(),
          device.driver(),
          device.model(),
          CapabilitiesJson.of(device),
          device.state(),
          Instant.ofEpochMilli(device.stateSeenMillis()),
          age(device.stateSeenMillis(), now),
          device.vm(),
          device.claim(),
          device.dataBytes(),
          device.unavailable());
    }
  }

  /** What the driver offers. */
  public record CapabilitiesJson(
      boolean stopCopy, boolean p2p, boolean preCopy, boolean dmaLogging) {
    static CapabilitiesJson of(DeviceView device) {
      return new CapabilitiesJson(
          device.capabilities().has(Capability.STOP_COPY),
          device.capabilities().has(Capability.P2P),
          device.capabilities().has(Capability.PRE_COPY),
          device.capabilities().has(Capability.DMA_LOGGING));
    }
  }

  /** How long ago, in milliseconds; clocks that disagree give no negative age. */
  public static long age(long seenMillis, Instant now) {
    return Math.max(0, now.toEpochMilli() - seenMillis);
  }
}

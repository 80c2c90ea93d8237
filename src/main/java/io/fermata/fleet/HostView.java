package io.fermata.fleet;

import io.fermata.handover.HostName;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A host of the inventory and what is known of its agent.
 *
 * @param agent the agent's control address as the orchestrator reaches it
 * @param peer the same as other agents reach it
 * @param dataPlane the agent's data-plane address as it told it, {@code host:port}, or null while
 *     unknown
 * @param linkBytesPerSecond bandwidth of its data-plane link, for estimates
 * @param seenMillis when the agent last answered, epoch milliseconds, or null if never
 * @param clockOffsetNanos the orchestrator's clock minus the agent's at the last answer, or null
 * @param trouble why the agent cannot be used, or null
 * @param guests who pauses the guests' vCPUs there, or null while unknown
 * @param marks what operators said of it
 */
public record HostView(
    HostName name,
    URI agent,
    URI peer,
    @Nullable String dataPlane,
    Map<String, String> labels,
    boolean schedulable,
    AgentState state,
    @Nullable String version,
    long linkBytesPerSecond,
    @Nullable Long seenMillis,
    @Nullable Long clockOffsetNanos,
    @Nullable String trouble,
    List<DeviceView> devices,
    @Nullable Guests guests,
    HostMarks marks) {

  /**
   * Who pauses the guests' vCPUs on a host.
   *
   * @param rest {@code none} or {@code qmp}, for machines that are not named
   * @param named the same by the virtual machine's name
   */
  public record Guests(String rest, Map<String, String> named) {
    /** How that machine's vCPUs are paused. */
    public String of(String vm) {
      return named.getOrDefault(vm, rest);
    }
  }

  /** A host whose agent says nothing of its guests. */
  public HostView(
      HostName name,
      URI agent,
      URI peer,
      @Nullable String dataPlane,
      Map<String, String> labels,
      boolean schedulable,
      AgentState state,
      @Nullable String version,
      long linkBytesPerSecond,
      @Nullable Long seenMillis,
      @Nullable Long clockOffsetNanos,
      @Nullable String trouble,
      List<DeviceView> devices) {
    this(
        name,
        agent,
        peer,
        dataPlane,
        labels,
        schedulable,
        state,
        version,
        linkBytesPerSecond,
        seenMillis,
        clockOffsetNanos,
        trouble,
        devices,
        null,
        HostMarks.NONE);
  }

  /** A host whose agent everybody reaches by the same address. */
  public HostView(
      HostName name,
      URI agent,
      @Nullable String dataPlane,
      Map<String, String> labels,
      boolean schedulable,
      AgentState state,
      @Nullable String version,
      long linkBytesPerSecond,
      @Nullable Long seenMillis,
      @Nullable Long clockOffsetNanos,
      @Nullable String trouble,
      List<DeviceView> devices) {
    this(
        name,
        agent,
        agent,
        dataPlane,
        labels,
        schedulable,
        state,
        version,
        linkBytesPerSecond,
        seenMillis,
        clockOffsetNanos,
        trouble,
        devices);
  }

  /** How the agent was last found. */
  public enum AgentState {
    /** Never answered yet. */
    UNKNOWN,
    READY,
    /** It answers, and keeps quiet because it cannot read its slate. */
    QUIET,
    /** It missed some answers. */
    STALE,
    /** It has been silent for longer. */
    LOST,
    QUARANTINED
  }

  /** The device of that name. */
  public Optional<DeviceView> device(String name) {
    for (DeviceView device : devices) { // asked for each device of a set, again and again
      if (device.name().value().equals(name)) {
        return Optional.of(device);
      }
    }
    return Optional.empty();
  }

  /** The same host with these devices only. */
  public HostView withDevices(List<DeviceView> only) {
    return with(schedulable, state, trouble, only, marks);
  }

  /**
   * The same host with what operators said of it: nothing is placed there, or its agent is not
   * used.
   */
  public HostView marked(HostMarks said) {
    HostMarks.Mark quarantine = said.quarantine();
    boolean placeable = schedulable && said.placeable();
    return quarantine == null
        ? with(placeable, state, trouble, devices, said)
        : with(
            placeable,
            AgentState.QUARANTINED,
            "quarantined by " + quarantine.actor() + ": " + quarantine.reason(),
            devices,
            said);
  }

  private HostView with(
      boolean placeable,
      AgentState found,
      @Nullable String why,
      List<DeviceView> held,
      HostMarks said) {
    return new HostView(
        name,
        agent,
        peer,
        dataPlane,
        labels,
        placeable,
        found,
        version,
        linkBytesPerSecond,
        seenMillis,
        clockOffsetNanos,
        why,
        held,
        guests,
        said);
  }
}

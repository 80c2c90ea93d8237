package io.fermata.wire;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an agent says of itself and its host.
 *
 * @param agent names the process; another name means a restart
 * @param protocols versions of the control protocol that it speaks
 * @param incarnation names its slate; another name means that the slate was lost
 * @param quiet why it moves nothing, or null when it does
 * @param clockNanos its clock at the moment of the answer, BOOTTIME nanoseconds
 * @param dataPlane where other agents send device state, as {@code address:port}
 * @param unavailable configured devices that could not be had
 * @param claims those that hold devices
 * @param closedClaims how many closed claims it still answers for
 * @param guests who pauses the guests' vCPUs, or null from an agent that does not say
 */
public record AgentStatus(
    HostName host,
    String agent,
    String version,
    List<Integer> protocols,
    String incarnation,
    @Nullable String quiet,
    long clockNanos,
    String dataPlane,
    List<Device> devices,
    List<Unavailable> unavailable,
    List<Claimed> claims,
    int closedClaims,
    @Nullable Guests guests) {

  public AgentStatus {
    protocols = List.copyOf(protocols);
    devices = List.copyOf(devices);
    unavailable = List.copyOf(unavailable);
    claims = List.copyOf(claims);
  }

  /**
   * Who pauses the guests' vCPUs: {@code none} or {@code qmp}.
   *
   * @param rest for machines that are not named
   * @param named by the virtual machine's name
   */
  public record Guests(String rest, Map<String, String> named) {
    public Guests {
      named = Collections.unmodifiableMap(new TreeMap<>(named));
    }
  }

  /**
   * A device that the agent holds.
   *
   * @param state as last read; UNKNOWN when it could not be
   * @param ageMillis how long ago the state was read; null when it never was
   * @param vm whom it belongs to, or null
   * @param claim the migration that holds it, or null
   * @param dataSize the driver's estimate of its image in bytes; null when it gave none
   */
  public record Device(
      DeviceName name,
      Profile profile,
      Capabilities capabilities,
      DeviceState state,
      @Nullable Long ageMillis,
      @Nullable String vm,
      @Nullable MigrationId claim,
      @Nullable Long dataSize) {}

  /**
   * What a device is; a pair must agree on driver and model.
   *
   * @param parent the physical function whose command queue it shares, or null
   */
  public record Profile(String backend, String driver, String model, @Nullable String parent) {}

  /** A device that is configured and could not be opened. */
  public record Unavailable(DeviceName name, String reason) {}

  /** A claim in one line. */
  public record Claimed(
      MigrationId migration,
      Side side,
      Standing standing,
      Goal goal,
      Progress progress,
      String vm,
      HostName peer) {}
}

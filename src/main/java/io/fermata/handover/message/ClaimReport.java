package io.fermata.handover.message;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.Epoch;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that an agent knows of a claim, at one moment. Reports are ordered by {@code sequence}
 * within one agent process; an orchestrator decides on the newest one of each side and on nothing
 * else.
 *
 * @param standing whether the claim is open, released or closed
 * @param progress how far the goal is
 * @param receipts every receipt that holds now: ready, sealed, started, voided
 * @param hops the hop reports after those that the asker has seen
 * @param hopsTotal how many there are in all
 * @param guestTimes when this host paused the guest or let it run, or null where it did neither
 */
public record ClaimReport(
    MigrationId migration,
    Side side,
    long sequence,
    Epoch promised,
    Standing standing,
    Goal goal,
    Progress progress,
    GuestState guest,
    @Nullable Stop stop,
    List<Receipt> receipts,
    List<DeviceReport> devices,
    List<HopReport> hops,
    int hopsTotal,
    @Nullable GuestTimes guestTimes) {

  public ClaimReport {
    receipts = List.copyOf(receipts);
    devices = List.copyOf(devices);
    hops = List.copyOf(hops);
  }

  /** The life of a claim. */
  public enum Standing {
    OPEN,
    RELEASED,
    CLOSED
  }

  /** How far the goal is. */
  public enum Progress {
    /** Hops or streams are under way. */
    MOVING,
    /** The set is where the goal wants it. */
    REACHED,
    /** Nothing is under way and the goal is not reached: somebody has to decide. */
    STUCK
  }

  /** A report of a guest that nobody timed. */
  public ClaimReport(
      MigrationId migration,
      Side side,
      long sequence,
      Epoch promised,
      Standing standing,
      Goal goal,
      Progress progress,
      GuestState guest,
      @Nullable Stop stop,
      List<Receipt> receipts,
      List<DeviceReport> devices,
      List<HopReport> hops,
      int hopsTotal) {
    this(
        migration, side, sequence, promised, standing, goal, progress, guest, stop, receipts,
        devices, hops, hopsTotal, null);
  }

  /** The guest's vCPUs as the agent knows them. */
  public enum GuestState {
    RUNNING,
    PAUSED,
    /** Somebody else had paused them before; they stay so whatever becomes of the devices. */
    HELD,
    /** Its virtual machine monitor does not answer in time. */
    SILENT,
    /** Its virtual machine has ended, or was never there. */
    GONE,
    UNKNOWN;

    /** Whether no vCPU runs, and somebody knows that. */
    public boolean isStill() {
      return this == PAUSED || this == HELD;
    }

    /** Whether nothing is left to be done to let them run. */
    public boolean isLet() {
      return this == RUNNING || this == HELD;
    }
  }

  /**
   * When this host's agent paused the guest and let it run, agent's clock.
   *
   * @param pausedNanos when it began to pause vCPUs that ran; null where it did not
   * @param ranNanos when it knew that they ran again; null where it did not let them
   */
  public record GuestTimes(@Nullable Long pausedNanos, @Nullable Long ranNanos) {}

  /**
   * One device of the claim.
   *
   * @param heading where a hop in flight takes it, or null
   * @param seenNanos when the state was read, agent's clock
   * @param trouble what went wrong last and is not repaired, or null
   * @param movedBytes of its image so far
   * @param leftBytes that the driver still has to give while it pre-copies; null when it cannot be
   *     known
   * @param restarts how often its driver has begun its initial data anew in this session; null from
   *     an agent that does not count
   */
  public record DeviceReport(
      DeviceName name,
      DeviceState state,
      @Nullable DeviceState heading,
      long seenNanos,
      @Nullable String trouble,
      long movedBytes,
      @Nullable Long leftBytes,
      @Nullable Integer restarts) {
    /** One of whose new beginnings nobody told. */
    public DeviceReport(
        DeviceName name,
        DeviceState state,
        @Nullable DeviceState heading,
        long seenNanos,
        @Nullable String trouble,
        long movedBytes,
        @Nullable Long leftBytes) {
      this(name, state, heading, seenNanos, trouble, movedBytes, leftBytes, null);
    }
  }
}

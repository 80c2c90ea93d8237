package io.fermata.handover;

import io.fermata.device.Capabilities;
import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.device.Hop;
import io.fermata.device.HopPlan;
import io.fermata.device.Member;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.HopReport.Outcome;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The devices of one claim as the agent knows them: last state read, hop in flight, last trouble.
 * It drives them towards a goal by {@link HopPlan}, one direct arc at a time, and believes only
 * states that were read.
 *
 * <pre>
 *  at rest --issue--> in flight --returned--> at rest (state as read)
 *                        |  \--deadline--> UNKNOWN, still in flight --returned--> at rest
 * </pre>
 */
final class ClaimedSet {
  private static final int HOP_LOG_LIMIT = 20_000;

  private final MigrationId migration;
  private final SortedMap<DeviceName, Device> devices = new TreeMap<>();
  private final List<HopReport> log = new ArrayList<>();

  ClaimedSet(MigrationId migration, Map<DeviceName, Capabilities> offered) {
    this.migration = migration;
    offered.forEach((name, capabilities) -> devices.put(name, new Device(name, capabilities)));
  }

  /** What a device's driver offers, of a device whose descriptor came late. */
  void offers(DeviceName name, Capabilities offered) {
    Device device = devices.get(name);
    if (device != null) {
      device.offered = offered;
    }
  }

  /** Reads every device again; until then all are UNKNOWN. */
  void lookAtAll(Turn turn) {
    devices.values().forEach(d -> look(d, turn));
  }

  /**
   * Issues every hop that the plan allows now. Devices that are not eligible stay where they are.
   */
  void drive(Goal goal, Predicate<DeviceName> eligible, Turn turn) {
    Map<DeviceName, Hop> hops = HopPlan.next(goal, members(eligible));
    hops.forEach((name, hop) -> {
      Device device = device(name);
      device.flight = new Flight(hop, turn.now(), false);
      turn.then(new Effect.Move(migration, name, hop));
    });
  }

  /**
   * A call returned, on time or late: the state that was read counts, whatever was asked. What is
   * told of another call than the one that is out was read before that one began.
   */
  void ended(HopReport report, Turn turn) {
    Device device = device(report.device());
    if (device.flight != null && !device.flight.hop.equals(report.requested())) {
      return;
    }
    device.flight = null;
    device.mute = false;
    device.seen(report.observed(), turn.now());
    findWiped();
    device.trouble = report.outcome() == Outcome.DONE ? null : trouble(report);
    device.failedAt = turn.now();
    log(report);
    if (report.observed() == DeviceState.UNKNOWN) {
      look(device, turn);
    }
  }

  /** A state was read outside a hop. */
  void looked(DeviceName name, DeviceState state, Turn turn) {
    Device device = device(name);
    device.looking = false;
    device.trouble = device.mute ? null : device.trouble;
    device.mute = false;
    device.seen(state, turn.now());
    device.failedAt = turn.now();
    if (device.resetting) {
      device.resetting = false;
      device.blank = state == DeviceState.RUNNING;
      device.trouble = device.blank ? null : "reset left it in " + state;
    }
    findWiped();
  }

  /**
   * No device gets past RUNNING_P2P before the last one has left STOP (gate 4): who is read in
   * RUNNING beside a sibling that rests frozen was reset, also where an earlier process saw it
   * last. Whether it had moved before that, only that process knew.
   */
  private void findWiped() {
    if (devices.values().stream().anyMatch(Device::restsFrozen)) {
      devices.values().forEach(device -> device.wipedEarlier |= device.isAloneInRunning());
    }
  }

  /** Gives up waiting for calls past their deadline; their devices are UNKNOWN from here on. */
  void overdue(Turn turn) {
    for (Device device : devices.values()) {
      Flight flight = device.flight;
      if (flight != null
          && !flight.overdue
          && turn.now() - flight.since >= turn.timings().hopNanos()) {
        device.flight = new Flight(flight.hop, flight.since, true);
        device.state = DeviceState.UNKNOWN;
        device.trouble = flight.hop + " has not returned";
        log(lost(device, flight, turn));
      }
      if (device.isAsked() && !device.mute && turn.now() - device.failedAt >= hopNanos(turn)) {
        device.mute = true;
        device.trouble = "its driver does not answer";
      }
    }
  }

  private static long hopNanos(Turn turn) {
    return turn.timings().hopNanos();
  }

  private static HopReport lost(Device device, Flight flight, Turn turn) {
    return new HopReport(
        device.name,
        flight.hop,
        Outcome.UNKNOWN,
        DeviceState.UNKNOWN,
        null,
        flight.since,
        turn.now());
  }

  /**
   * Lets failed devices try again: at once, or when their pause is over. Unreadable ones are read
   * again.
   */
  boolean retry(boolean atOnce, Turn turn) {
    boolean any = false;
    for (Device device : devices.values()) {
      boolean paused = turn.now() - device.failedAt < turn.timings().retryNanos();
      boolean heard = device.flight == null && !device.mute;
      if (device.trouble != null && heard && (atOnce || !paused)) {
        device.trouble = device.state == DeviceState.ERROR ? device.trouble : null;
        any = true;
      }
      if (device.state == DeviceState.UNKNOWN && device.flight == null && !paused) {
        look(device, turn);
      }
    }
    return any;
  }

  private void look(Device device, Turn turn) {
    if (!device.looking && device.flight == null) {
      device.looking = true;
      device.failedAt = turn.now();
      turn.then(new Effect.Look(migration, device.name));
    }
  }

  /** Resets every device in such a state that is at rest and not blank yet. */
  void reset(Predicate<DeviceState> which, Turn turn) {
    for (Device device : devices.values()) {
      boolean rests = device.flight == null && !device.looking && !device.resetting;
      if (rests && !device.blank && which.test(device.state) && !paused(device, turn)) {
        device.resetting = true;
        device.failedAt = turn.now();
        turn.then(new Effect.Reset(migration, device.name));
      }
    }
  }

  private static boolean paused(Device device, Turn turn) {
    return device.trouble != null && turn.now() - device.failedAt < turn.timings().retryNanos();
  }

  boolean reached(Goal goal) {
    return HopPlan.reached(goal, members(n -> true));
  }

  /** The same, with no device in ERROR. */
  boolean isWellAt(Goal goal) {
    return reached(goal) && !anyAt(s -> s == DeviceState.ERROR);
  }

  /** Gate 1 as far as the devices go: none issues DMA. */
  boolean isSilent() {
    return isWellAt(Goal.QUIESCED);
  }

  /** Whether no device can be in anything but that state: all read, none moving, none in ERROR. */
  boolean allAt(DeviceState state) {
    return devices.values().stream().allMatch(d -> d.flight == null && d.state == state);
  }

  /**
   * Whether some device was read in a state that only a start brings about, and none may have been
   * reset by somebody else meanwhile: those whose first call is still out are waited for.
   */
  boolean hasMoved() {
    boolean known = devices.values().stream().allMatch(d -> d.isRead() || d.hasMoved());
    return known && !anyWiped() && devices.values().stream().anyMatch(Device::hasMoved);
  }

  /** Whether somebody else has reset a device, so that what it held is gone. */
  boolean anyWiped() {
    return devices.values().stream().anyMatch(Device::isWiped);
  }

  /**
   * Whether nothing of the set was seen outside: each device rests in STOP, or was reset there
   * before our eyes.
   */
  boolean hasNotMoved() {
    return devices.values().stream()
        .allMatch(d -> d.flight == null && (d.state == DeviceState.STOP || d.wiped));
  }

  /** Whether nothing of the set can change: no call is out, and no device may run. */
  boolean still() {
    return devices.values().stream().allMatch(d -> d.flight == null && !d.state.mayChange());
  }

  boolean allBlank() {
    return devices.values().stream().allMatch(d -> d.blank);
  }

  boolean anyAt(Predicate<DeviceState> wanted) {
    return devices.values().stream().anyMatch(d -> wanted.test(d.state));
  }

  /** Whether some call is out and not overdue. */
  boolean moving() {
    return devices.values().stream()
        .anyMatch(d -> (d.flight != null && !d.flight.overdue) || (d.isAsked() && !d.mute));
  }

  DeviceState state(DeviceName name) {
    return device(name).state;
  }

  /** Whether nothing is wrong with the device that still stands. */
  boolean well(DeviceName name) {
    return device(name).trouble == null;
  }

  Collection<DeviceName> names() {
    return devices.keySet();
  }

  void flowed(Event.Flowed flowed) {
    Device device = device(flowed.device());
    device.moved = flowed.moved();
    device.left = flowed.left();
    device.restarts = flowed.restarts();
  }

  void troubled(DeviceName name, String detail) {
    device(name).trouble = detail;
  }

  List<DeviceReport> reports() {
    return devices.values().stream().map(Device::report).toList();
  }

  List<HopReport> hopsAfter(int seen) {
    return List.copyOf(log.subList(Math.clamp(seen, 0, log.size()), log.size()));
  }

  int hopCount() {
    return log.size();
  }

  private void log(HopReport report) {
    if (log.size() < HOP_LOG_LIMIT) {
      log.add(report);
    }
  }

  private List<Member> members(Predicate<DeviceName> eligible) {
    return devices.values().stream().map(d -> d.member(eligible)).toList();
  }

  private Device device(DeviceName name) {
    Device device = devices.get(name);
    if (device == null) {
      throw new IllegalArgumentException(migration + " does not hold " + name);
    }
    return device;
  }

  private static String trouble(HopReport report) {
    String error = report.error() == null ? "" : " with " + report.error();
    return report.requested() + " " + report.outcome() + error + ", it is in " + report.observed();
  }

  private record Flight(Hop hop, long since, boolean overdue) {}

  private static final class Device {
    private final DeviceName name;
    private Capabilities offered;
    private DeviceState state = DeviceState.UNKNOWN;
    private @Nullable Flight flight;
    private @Nullable String trouble;
    private boolean looking;
    private boolean resetting;
    private boolean mute;
    private boolean blank;
    private boolean awake;
    private boolean wiped;
    private boolean wipedEarlier;
    private DeviceState lastRead = DeviceState.UNKNOWN;
    private long seenAt;
    private long failedAt;
    private long moved;
    private @Nullable Long left;
    private int restarts;

    Device(DeviceName name, Capabilities offered) {
      this.name = name;
      this.offered = offered;
    }

    /** Whether a look or a reset is out. */
    boolean isAsked() {
      return looking || resetting;
    }

    /**
     * With P2P no single arc leads from a frozen state to RUNNING, and a hop is asked only of a
     * state that was read: who was frozen and is in RUNNING now was reset by somebody else.
     */
    void seen(DeviceState now, long at) {
      if (now != DeviceState.UNKNOWN) {
        boolean frozen = lastRead != DeviceState.UNKNOWN && lastRead.mayBeFrozen();
        boolean jumped = frozen && now == DeviceState.RUNNING && offered.has(Capability.P2P);
        wiped |= jumped && !resetting;
        wiped &= now != DeviceState.RESUMING; // what it is to hold is still to come
        wipedEarlier &= now != DeviceState.RESUMING;
        awake = now.mayChange() || (awake && !now.mayBeFrozen());
        lastRead = now;
      }
      state = now;
      seenAt = at;
    }

    /** Once read so it stays so, also while its next hop has not returned. */
    boolean hasMoved() {
      return awake && !isWiped() && state != DeviceState.ERROR;
    }

    boolean isRead() {
      return flight == null && state != DeviceState.UNKNOWN;
    }

    boolean restsFrozen() {
      return isRead() && state.mayBeFrozen() && !state.mayChange();
    }

    /** Where a sibling is frozen, only a reset brings a device with P2P here. */
    boolean isAloneInRunning() {
      boolean explained = wiped || blank || resetting;
      return isRead() && state == DeviceState.RUNNING && offered.has(Capability.P2P) && !explained;
    }

    /** Whether somebody else has reset it since it was frozen here. */
    boolean isWiped() {
      return wiped || wipedEarlier;
    }

    Member member(Predicate<DeviceName> eligible) {
      boolean held = trouble != null || !eligible.test(name);
      return new Member(name, offered, state, flight == null ? null : flight.hop.to(), held);
    }

    DeviceReport report() {
      DeviceState heading = flight == null ? null : flight.hop.to();
      String told = trouble == null && isWiped() ? "somebody else has reset it" : trouble;
      return new DeviceReport(name, state, heading, seenAt, told, moved, left, restarts);
    }
  }
}

package io.fermata.simulation;

import io.fermata.device.Arcs;
import io.fermata.device.Capabilities;
import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import io.fermata.handover.Event;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.HopReport;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One device behind the kernel's own table. Calls are served one after the other; the one that is
 * under way ends as it likes, also when the process that made it is gone: somebody else holds the
 * descriptor.
 */
final class SimDevice implements Truth.Thing {
  private final World world;
  private final Truth truth;
  private final HostName host;
  private final DeviceName name;
  private final Capabilities offered;
  private final RandomGenerator random;
  private final long usualNanos;
  private final Deque<Call> calls = new ArrayDeque<>();
  private boolean busy;
  private DeviceState state = DeviceState.RUNNING;
  private @Nullable Content content;
  private @Nullable Content image;
  private boolean imageWhole;
  private boolean moved;
  private @Nullable DeviceState refused;
  private long refusesUntil;
  private boolean lost;

  private record Call(AgentProcess by, Runnable begin) {}

  SimDevice(World world, Truth truth, HostName host, DeviceName name, Capabilities offered) {
    this.world = world;
    this.truth = truth;
    this.host = host;
    this.name = name;
    this.offered = offered;
    this.random = world.random("device " + host + " " + name);
    this.usualNanos = World.between(100 * World.MICRO, 30 * World.MILLI, random);
    truth.thing(this);
  }

  void hold(Content first) {
    content = truth.advance(first);
  }

  @Override
  public HostName host() {
    return host;
  }

  @Override
  public String name() {
    return name.value();
  }

  @Override
  public DeviceState state() {
    return state;
  }

  @Override
  public @Nullable Content content() {
    return content;
  }

  Capabilities offered() {
    return offered;
  }

  /** It is gone with its host: nothing of it will ever be seen again. */
  void lose() {
    lost = true;
    calls.clear();
    wipe();
  }

  /** What a source reads out of it. */
  @Nullable Content readable() {
    return state == DeviceState.STOP_COPY ? content : null;
  }

  /** A destination has written a whole image; the driver looks at it when it leaves RESUMING. */
  void write(@Nullable Content whole) {
    image = whole;
    imageWhole = true;
    resetWhileEmpty(World.MILLI);
  }

  void move(AgentProcess by, MigrationId migration, Hop hop) {
    call(
        by,
        () -> {
          long start = by.nanos();
          attempt(
              hop,
              error -> {
                boolean believed = error == null && world.lacks(Rule.SET_BELIEVED);
                moved = false;
                DeviceState seen = believed ? hop.to() : read();
                var outcome = HopReport.judge(hop, seen);
                var report = new HopReport(name, hop, outcome, seen, error, start, by.nanos());
                by.post(new Event.HopEnded(migration, report));
              });
        });
  }

  void look(AgentProcess by, MigrationId migration) {
    call(by, () -> after(latency() / 10, "looks", () -> looked(by, migration)));
  }

  void reset(AgentProcess by, MigrationId migration) {
    call(
        by,
        () ->
            after(
                latency(),
                "resets",
                () -> {
                  if (!world.strikes(Fault.RESET_FAILS, random)) {
                    wipe();
                  }
                  looked(by, migration);
                }));
  }

  /**
   * Whether a loaded copy is here that nobody has begun to run, and what it is a copy of is still
   * where it came from.
   */
  boolean holdsCopy() {
    boolean copy = content != null && truth.isMereCopy(this, content);
    return copy && state == DeviceState.STOP && offered.has(Capability.P2P);
  }

  /** Somebody else resets a copy that nobody has begun to run; a call that is out ends first. */
  void resetBehindOurBack() {
    if (!busy && holdsCopy()) {
      world.note(host + " " + name + " is reset behind our back");
      truth.wipes(this);
      wipe();
    }
  }

  /** Somebody else resets it soon, if it still waits for its state then and no call is out. */
  private void resetWhileEmpty(long most) {
    if (isEmpty() && world.strikes(Fault.EMPTY_RESET, random)) {
      after(
          World.between(World.MICRO, most, random),
          "may be reset while it is empty",
          () -> {
            if (!busy && isEmpty() && !world.isCalm()) {
              world.note(host + " " + name + " is reset while it is empty");
              moved = true;
              wipe();
            }
          });
    }
  }

  /** On its way to an image, or with one that its driver has not looked at yet. */
  private boolean isEmpty() {
    return content == null && state != DeviceState.RUNNING && offered.has(Capability.P2P);
  }

  /** The process is gone: what it had not begun never happens. */
  void forget(AgentProcess by) {
    calls.removeIf(call -> call.by() == by);
  }

  private void looked(AgentProcess by, MigrationId migration) {
    moved = false;
    by.post(new Event.Looked(migration, name, read()));
    next();
  }

  private DeviceState read() {
    return world.strikes(Fault.LOOK_FAILS, random) ? DeviceState.UNKNOWN : state;
  }

  private void call(AgentProcess by, Runnable begin) {
    calls.add(new Call(by, begin));
    if (!busy) {
      next();
    }
  }

  private void next() {
    Call call = calls.poll();
    busy = call != null;
    if (call != null) {
      call.begin().run();
    }
  }

  private void attempt(Hop hop, Consumer<@Nullable String> ended) {
    if (!moved) {
      truth.asked(this, hop, offered); // else nobody could know, and the look before the hop tells
    }
    long late = world.strikes(Fault.HOP_HANGS, random) ? hang() : 0;
    List<DeviceState> path = Arcs.path(state, hop.to(), offered);
    if (state != hop.from()) {
      after(late, "is found in " + state, () -> done(ended, "found in " + state));
    } else if (path.isEmpty()) {
      String error = state == hop.to() ? null : "EINVAL(22)";
      after(late, "is asked " + hop, () -> done(ended, error));
    } else if (refuses(hop)) {
      boolean unnoticed = world.lacks(Rule.SET_BELIEVED) && random.nextBoolean();
      String error = unnoticed || world.strikes(Fault.HOP_MISTOLD, random) ? null : "EIO(5)";
      after(latency() + late, "refuses " + hop, () -> done(ended, error));
    } else if (world.strikes(Fault.HOP_FAULTED, random)) {
      after(latency() + late, "breaks at " + hop, () -> die(ended));
    } else if (hop.to() == DeviceState.RUNNING_P2P && world.lacks(Rule.LONG_HOPS)) {
      DeviceState next = state == DeviceState.STOP ? DeviceState.RUNNING : DeviceState.STOP;
      walk(Arcs.path(state, next, offered), late, ended);
    } else {
      walk(path, late, ended);
    }
  }

  private boolean refuses(Hop hop) {
    if (!world.isCalm() && hop.to() == refused && refusesUntil > world.now()) {
      return true;
    }
    boolean refuses = world.strikes(Fault.HOP_REFUSED, random);
    if (refuses && world.strikes(Fault.HOP_KEEPS_FAILING, random)) {
      refused = hop.to();
      refusesUntil = world.now() + World.between(World.SECOND, 60 * World.SECOND, random);
    }
    return refuses;
  }

  private void walk(List<DeviceState> path, long late, Consumer<@Nullable String> ended) {
    DeviceState to = path.getFirst();
    boolean loads = state == DeviceState.RESUMING && to == DeviceState.STOP && imageWhole;
    if (loads && world.strikes(Fault.LOAD_REFUSED, random)) {
      after(latency(), "refuses its image", () -> done(ended, "EINVAL(22)"));
      return;
    }
    after(
        latency() + late,
        state + " to " + to,
        () -> {
          enter(to);
          resetWhileEmpty(300 * World.MILLI);
          if (path.size() == 1) {
            done(ended, world.strikes(Fault.HOP_MISTOLD, random) ? "EINTR(4)" : null);
          } else {
            walk(path.subList(1, path.size()), 0, ended);
          }
        });
  }

  private void die(Consumer<@Nullable String> ended) {
    enter(DeviceState.ERROR);
    done(ended, "EIO(5)");
  }

  private void done(Consumer<@Nullable String> ended, @Nullable String error) {
    ended.accept(error);
    next();
  }

  private void enter(DeviceState to) {
    DeviceState from = state;
    Content held = content;
    state = to;
    if (held != null && to.mayChange() != from.mayChange()) {
      if (to.mayChange()) {
        truth.starts(host, held);
      }
      content = to == DeviceState.ERROR ? held : truth.advance(held);
    }
    if (held != null && to == DeviceState.ERROR) {
      truth.died(held);
    }
    if (to == DeviceState.RESUMING) {
      content = null;
      forgetImage();
    } else if (from == DeviceState.RESUMING) {
      content = to == DeviceState.STOP && imageWhole ? image : null;
      forgetImage();
    }
    truth.touched();
  }

  private void wipe() {
    state = DeviceState.RUNNING;
    content = null;
    forgetImage();
    truth.touched();
  }

  private void forgetImage() {
    image = null;
    imageWhole = false;
  }

  private void after(long nanos, String what, Runnable then) {
    world.after(
        nanos,
        host + " " + name + " " + what,
        () -> {
          if (!lost) {
            then.run();
          }
        });
  }

  private long latency() {
    return World.between(usualNanos / 3, usualNanos * 3, random);
  }

  private static final long HANG_LEAST = World.SECOND;

  private long hang() {
    return World.between(HANG_LEAST, 30 * World.SECOND, random);
  }
}

package io.fermata.agent;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceFault;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import io.fermata.handover.Claim;
import io.fermata.handover.Event;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.HopReport;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One platform thread for each device: a driver's call blocks for as long as it likes and cannot be
 * interrupted. After every call the state is read again, also after one that succeeded.
 */
final class DeviceThreads implements AgentPorts.Devices, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(DeviceThreads.class.getName());

  private final SortedMap<DeviceName, Worker> workers = new TreeMap<>();
  private final AgentPorts.Clock clock;
  private final Consumer<Event> events;
  private final ParentTurns turns;

  /**
   * What was read last.
   *
   * @param nanos when, agent's clock
   * @param dataSize the driver's estimate of the image, or null
   */
  record Sight(DeviceState state, long nanos, @Nullable Long dataSize) {}

  DeviceThreads(Collection<DeviceControl> devices, AgentPorts.Clock clock, Consumer<Event> events) {
    this(devices, clock, events, ParentTurns.unbounded());
  }

  DeviceThreads(
      Collection<DeviceControl> devices,
      AgentPorts.Clock clock,
      Consumer<Event> events,
      ParentTurns turns) {
    this.turns = turns;
    this.clock = clock;
    this.events = events;
    for (DeviceControl device : devices) {
      workers.put(device.name(), new Worker(device));
    }
  }

  @Override
  public void move(MigrationId migration, DeviceName device, Hop hop) {
    Worker worker = workers.get(device);
    if (worker == null) {
      ended(migration, device, hop, new Call("no such device", DeviceState.UNKNOWN, now()));
    } else {
      worker.asked.incrementAndGet();
      worker.todo.add(() -> {
        Call call = worker.move(hop);
        worker.asked.decrementAndGet();
        ended(migration, device, hop, call);
      });
    }
  }

  @Override
  public void look(MigrationId migration, DeviceName device) {
    Worker worker = workers.get(device);
    if (worker == null) {
      looked(migration, device, DeviceState.UNKNOWN);
    } else {
      worker.todo.add(() -> looked(migration, device, worker.read()));
    }
  }

  @Override
  public void reset(MigrationId migration, DeviceName device) {
    Worker worker = workers.get(device);
    if (worker == null) {
      looked(migration, device, DeviceState.UNKNOWN);
    } else {
      worker.todo.add(() -> looked(migration, device, worker.reset()));
    }
  }

  /**
   * What a reset by hand came to.
   *
   * @param reset whether it was tried
   */
  record Ends(DeviceState before, DeviceState after, boolean reset) {}

  /**
   * Resets the device unless it is found in another state than was thought; the claim that holds
   * it, if any, is told how it stands then.
   */
  CompletableFuture<Ends> resetIf(
      DeviceName device, Predicate<DeviceState> thought, @Nullable Claim holder) {
    CompletableFuture<Ends> ends = new CompletableFuture<>();
    Worker worker = Objects.requireNonNull(workers.get(device));
    worker.todo.add(() -> {
      DeviceState before = worker.read();
      boolean reset = thought.test(before);
      DeviceState after = reset ? worker.reset() : before;
      if (holder != null) {
        looked(holder.migration(), device, after);
      }
      ends.completeAsync(() -> new Ends(before, after, reset));
    });
    return ends;
  }

  /** Whether a hop or a reset that was asked for has not returned, or not even begun. */
  boolean busy(DeviceName device) {
    Worker worker = workers.get(device);
    return worker != null && (worker.inside || worker.asked.get() > 0);
  }

  /**
   * Reads state and size again, for the status only; never for a device whose hops must not wait.
   */
  void refresh(DeviceName device) {
    Worker worker = workers.get(device);
    if (worker != null && worker.todo.isEmpty()) {
      worker.todo.add(worker::survey);
    }
  }

  /** What was read of that device last, or empty when nothing was. */
  Optional<Sight> sight(DeviceName device) {
    return Optional.ofNullable(workers.get(device)).map(worker -> worker.sight);
  }

  private long now() {
    return clock.nanos();
  }

  private void ended(MigrationId migration, DeviceName device, Hop hop, Call call) {
    HopReport.Outcome outcome = HopReport.judge(hop, call.observed);
    var report = new HopReport(device, hop, outcome, call.observed, call.error, call.start, now());
    events.accept(new Event.HopEnded(migration, report));
  }

  private void looked(MigrationId migration, DeviceName device, DeviceState state) {
    events.accept(new Event.Looked(migration, device, state));
  }

  private record Call(@Nullable String error, DeviceState observed, long start) {}

  /** A device and the thread that alone makes its control calls. */
  private final class Worker {
    private final DeviceControl device;
    private final BlockingQueue<Runnable> todo = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile @Nullable Sight sight;
    private volatile boolean inside;
    private final AtomicInteger asked = new AtomicInteger();
    private @Nullable Long size;

    Worker(DeviceControl device) {
      this.device = device;
      this.thread = Thread.ofPlatform().daemon().name("device-" + device.name()).start(this::work);
      todo.add(this::survey);
    }

    private void work() {
      try {
        while (true) {
          todo.take().run();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // closed
      }
    }

    /**
     * Asks for the hop, from where it begins and from nowhere else: a device that another process
     * has reset stands in RUNNING, and the kernel would walk it from there through both gates.
     */
    Call move(Hop hop) {
      DeviceState before = read();
      long start = now();
      if (before != hop.from() && before != DeviceState.UNKNOWN) {
        LOG.log(
            System.Logger.Level.ERROR,
            "{0} is in {1} and was left in {2}: another process has moved or reset it",
            device.name(),
            before,
            hop.from());
        return new Call("found in " + before, before, start);
      }
      @Nullable String[] error = {null};
      boolean taken =
          turns.take(
              device,
              () -> error[0] = inside("moving to " + hop.to(), () -> device.move(hop.to())));
      String trouble = taken ? error[0] : "no turn of its parent";
      return new Call(trouble, read(), start);
    }

    DeviceState reset() {
      inside("reset", device::reset);
      return read();
    }

    private @Nullable String inside(String what, Runnable call) {
      inside = true;
      try {
        return attempt(what, call);
      } finally {
        inside = false;
      }
    }

    /** GET; UNKNOWN when it fails. */
    DeviceState read() {
      DeviceState[] state = {DeviceState.UNKNOWN};
      attempt("reading the state", () -> state[0] = device.state());
      sight = new Sight(state[0], now(), size);
      return state[0];
    }

    void survey() {
      attempt("reading the size", () -> size = device.dataSize());
      read();
    }

    /** The error of the call, or null. Whatever a driver does, the thread lives on. */
    private @Nullable String attempt(String what, Runnable call) {
      try {
        call.run();
        return null;
      } catch (DeviceFault e) {
        LOG.log(System.Logger.Level.DEBUG, "{0}", e.getMessage());
        return e.errno().toString();
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.ERROR, device.name() + ": " + what, e);
        return e.getClass().getSimpleName();
      }
    }
  }

  /** Ends the threads that are not inside a call; the others end when it returns. */
  @Override
  public void close() {
    workers.values().forEach(worker -> worker.thread.interrupt());
  }
}

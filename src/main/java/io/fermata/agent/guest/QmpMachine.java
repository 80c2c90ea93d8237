package io.fermata.agent.guest;

import io.fermata.agent.guest.GuestControl.Found;
import io.fermata.agent.guest.GuestControl.Look;
import io.fermata.handover.Effect;
import io.fermata.handover.Event;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.ClaimReport.GuestState;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One virtual machine. Its thread does one thing after the other, so that answers come in the order
 * of the questions; each exchange has its deadline, so a machine that hangs holds up itself only.
 */
final class QmpMachine implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(QmpMachine.class.getName());

  /** Exchanges of one task: greeting, capabilities, status, command, status. */
  private static final int EXCHANGES = 5;

  private static final Set<String> TELLING =
      Set.of("STOP", "RESUME", "SHUTDOWN", "GUEST_PANICKED", QmpMonitor.ENDED);

  private final String vm;
  private final Path socket;
  private final Duration deadline;
  private final Means means;
  private final BlockingQueue<Runnable> todo = new LinkedBlockingQueue<>();
  private final Thread thread;
  private @Nullable QmpMonitor monitor;
  private @Nullable Pausing pausing;
  private volatile @Nullable MigrationId guarded;

  /** What it takes from the agent. */
  record Means(PauseNotes notes, LongSupplier clock, Consumer<Event> events) {}

  /** Since when the guest is being paused, and for whom. */
  private record Pausing(MigrationId migration, long since) {}

  QmpMachine(String vm, Path socket, Duration deadline, Means means) {
    this.vm = vm;
    this.socket = socket;
    this.deadline = deadline;
    this.means = means;
    this.thread = Thread.ofPlatform().daemon().name("guest-" + vm).start(this::work);
  }

  private void work() {
    try {
      while (true) {
        todo.take().run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    } finally {
      letGo();
    }
  }

  void set(Effect.Guest wanted, Consumer<Found> answer) {
    todo.add(() -> answer.accept(wanted.run() ? run(wanted) : pause(wanted)));
  }

  Look look() {
    CompletableFuture<Look> look = new CompletableFuture<>();
    todo.add(() -> look.complete(looked()));
    try {
      return look.get(deadline.multipliedBy(2L * EXCHANGES).toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return new Look(GuestState.SILENT, socket + " is busy with what it was asked before");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Look(GuestState.UNKNOWN, "the agent is closing");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private Look looked() {
    try {
      return new Look(status(), null);
    } catch (QmpFault e) {
      return new Look(failed("looking", e), e.detail());
    } finally {
      if (guarded == null) {
        letGo();
      }
    }
  }

  private Found pause(Effect.Guest wanted) {
    MigrationId migration = wanted.migration();
    try {
      GuestState found = status();
      if (found == GuestState.RUNNING) {
        means.notes.write(migration, vm); // before it is paused: a crash would leave it so for ever
        if (pausing == null || !pausing.migration.equals(migration)) {
          pausing = new Pausing(migration, means.clock.getAsLong());
        }
        connected().execute("stop");
        guarded = migration; // before it is asked: whoever lets it run afterwards is seen
        found = status();
        return found == GuestState.RUNNING ? new Found(GuestState.UNKNOWN, null) : paused(found);
      }
      guarded = migration;
      boolean mine = means.notes.has(migration);
      return found != GuestState.PAUSED || mine ? paused(found) : new Found(GuestState.HELD, null);
    } catch (QmpFault e) {
      return new Found(failed("pausing", e), null);
    } catch (UncheckedIOException e) {
      LOG.log(System.Logger.Level.ERROR, vm + " is not paused", e);
      return new Found(GuestState.UNKNOWN, null);
    }
  }

  private Found paused(GuestState found) {
    Long since = pausing == null ? null : pausing.since;
    return new Found(found, found == GuestState.PAUSED ? since : null);
  }

  private Found run(Effect.Guest wanted) {
    MigrationId migration = wanted.migration();
    guarded = null;
    pausing = null;
    try {
      GuestState found = status();
      boolean mine = wanted.side() == Side.DESTINATION || means.notes.has(migration);
      if (found == GuestState.PAUSED && !mine) {
        return new Found(GuestState.HELD, null);
      }
      if (found == GuestState.PAUSED) {
        connected().execute("cont");
        found = status();
        found = found == GuestState.PAUSED ? GuestState.UNKNOWN : found;
      }
      if (found == GuestState.RUNNING) {
        means.notes.remove(migration);
        letGo();
      }
      boolean here = found == GuestState.RUNNING && mine;
      return new Found(found, here ? means.clock.getAsLong() : null);
    } catch (QmpFault e) {
      return new Found(failed("letting it run", e), null);
    } catch (UncheckedIOException e) {
      LOG.log(System.Logger.Level.WARNING, vm + " runs", e);
      return new Found(GuestState.RUNNING, means.clock.getAsLong());
    }
  }

  private GuestState status() throws QmpFault {
    JsonNode status = connected().execute("query-status");
    return QmpGuest.judged(
        status.path("status").asString(""), status.path("running").asBoolean(false));
  }

  private QmpMonitor connected() throws QmpFault {
    QmpMonitor open = monitor;
    if (open == null || open.hasEnded()) {
      letGo();
      open = QmpMonitor.open(socket, deadline, this::told);
      monitor = open;
    }
    return open;
  }

  /** Comes from the connection's thread; all that is believed is said on the machine's own. */
  private void told(String event) {
    MigrationId migration = guarded;
    if (migration != null && TELLING.contains(event)) {
      todo.add(() -> seen(migration, event));
    }
  }

  private void seen(MigrationId migration, String event) {
    if (!migration.equals(guarded)) {
      return; // it was let run from here meanwhile
    }
    GuestState now;
    try {
      now = event.equals("RESUME") ? GuestState.RUNNING : status();
    } catch (QmpFault e) {
      now = failed("after " + event, e);
    }
    means.events.accept(new Event.GuestSeen(migration, now));
  }

  private GuestState failed(String attempted, QmpFault fault) {
    LOG.log(
        System.Logger.Level.WARNING,
        "guest {0}, {1}: {2} {3}",
        vm,
        attempted,
        fault.state(),
        fault.detail());
    letGo(); // an answer that comes late must not be taken for one to a later question
    return fault.state();
  }

  private void letGo() {
    QmpMonitor open = monitor;
    monitor = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}

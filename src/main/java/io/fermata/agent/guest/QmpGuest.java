package io.fermata.agent.guest;

import io.fermata.handover.Effect;
import io.fermata.handover.Event;
import io.fermata.handover.message.ClaimReport.GuestState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Guests of QEMU, by its machine protocol on one UNIX socket for each. What a command answers is
 * not believed: the guest is what {@code query-status} says afterwards.
 *
 * <p>The socket must be one that nobody else uses; QEMU takes one client at a time.
 */
public final class QmpGuest implements GuestControl {
  private final Function<String, Path> sockets;
  private final Duration deadline;
  private final QmpMachine.Means means;
  private final Map<String, QmpMachine> machines = new ConcurrentHashMap<>();

  /**
   * @param sockets where each virtual machine listens
   * @param deadline for each exchange with it
   * @param notes where it is kept, through a restart, which guests were paused from here
   * @param clock the agent's, in nanoseconds
   * @param events told of what others do to a guest that was paused from here
   */
  public QmpGuest(
      Function<String, Path> sockets,
      Duration deadline,
      Path notes,
      LongSupplier clock,
      Consumer<Event> events) {
    this.sockets = sockets;
    this.deadline = deadline;
    this.means = new QmpMachine.Means(new PauseNotes(notes), clock, events);
  }

  @Override
  public void set(Effect.Guest wanted, Consumer<Found> answer) {
    machine(wanted.vm()).set(wanted, answer);
  }

  private QmpMachine machine(String vm) {
    return machines.computeIfAbsent(
        vm, name -> new QmpMachine(name, sockets.apply(name), deadline, means));
  }

  @Override
  public Look look(String vm) {
    return machine(vm).look();
  }

  @Override
  public String kind(String vm) {
    return "qmp";
  }

  @Override
  public void close() {
    machines.values().forEach(QmpMachine::close);
  }

  /** What query-status says, in our words. */
  static GuestState judged(String status, boolean running) {
    if (running) {
      return GuestState.RUNNING;
    }
    return switch (status) {
      // The guest switched itself off, or QEMU cannot go on with it: cont would be refused.
      case "shutdown", "internal-error", "guest-panicked" -> GuestState.GONE;
      default -> GuestState.PAUSED;
    };
  }
}

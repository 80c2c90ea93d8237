package io.fermata.agent;

import io.fermata.handover.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The one thread that runs the loop: everything that waits becomes one turn, and time passes also
 * when nothing happens.
 */
final class AgentThread implements AutoCloseable {
  /** The slate could not be written: only a start from the disk helps. */
  static final int EXIT_SLATE = 3;

  /** Something that must never happen has happened. */
  static final int EXIT_BROKEN = 4;

  private final AgentLoop loop;
  private final Mailbox mailbox;
  private final long tickNanos;
  private final Ending ending;
  private final Thread thread;
  private volatile boolean open = true;

  /** Ends the process at once: what the loop holds in memory may be ahead of the disk. */
  interface Ending {
    void now(int status, RuntimeException why);
  }

  AgentThread(AgentLoop loop, Mailbox mailbox, long tickNanos, Ending ending) {
    this.loop = loop;
    this.mailbox = mailbox;
    this.tickNanos = tickNanos;
    this.ending = ending;
    this.thread = Thread.ofPlatform().daemon().name("agent").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      loop.start();
      while (open) {
        turn();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    } catch (SlateFault e) {
      ending.now(EXIT_SLATE, e);
    } catch (RuntimeException e) {
      ending.now(EXIT_BROKEN, e);
    }
  }

  private void turn() throws InterruptedException {
    List<Event> events = new ArrayList<>();
    List<Runnable> looks = new ArrayList<>();
    for (Mailbox.Item item : mailbox.take(tickNanos)) {
      switch (item) {
        case Mailbox.Item.Happened(Event event) -> events.add(event);
        case Mailbox.Item.Looked(Runnable look) -> looks.add(look);
      }
    }
    loop.turn(events);
    looks.forEach(Runnable::run); // after the sync: nobody is shown what a crash could take back
  }

  /**
   * Ends after the turn that is under way. It is woken, never interrupted: an interrupt in the
   * middle of a sync closes the slate's file, and that ends the process as a broken disk does.
   */
  @Override
  public void close() {
    open = false;
    mailbox.wake();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

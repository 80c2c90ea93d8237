package io.fermata.agent;

import io.fermata.agent.os.Supervisor;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Tells the service manager how the agent is: ready when it serves, alive as long as its loop
 * turns, stopping. A loop that hangs is told by silence, and the manager starts the agent again;
 * the descriptors stay where they are.
 */
final class ServiceReport implements SmartLifecycle {
  private static final System.Logger LOG = System.getLogger(ServiceReport.class.getName());

  private final Supervisor manager;
  private final HostAgent agent;
  private volatile boolean running;
  private volatile @Nullable Thread thread;

  ServiceReport(Supervisor manager, HostAgent agent) {
    this.manager = manager;
    this.agent = agent;
  }

  /** Started last and stopped first: ready is what already serves. */
  @Override
  public int getPhase() {
    return Integer.MAX_VALUE;
  }

  @Override
  public void start() {
    for (String name : manager.closeRest()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the service manager keeps a descriptor of no device of the settings: {0}",
          name);
    }
    manager.ready("serving " + agent.host());
    manager.watchdog().ifPresent(longest -> thread = watch(longest.dividedBy(2)));
    running = true;
  }

  private Thread watch(Duration every) {
    return Thread.ofPlatform().daemon().name("service-watchdog").start(() -> report(every));
  }

  private void report(Duration every) {
    try {
      while (true) {
        if (turns(every)) {
          manager.alive();
        }
        Thread.sleep(every);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // stopped
    }
  }

  /** Whether the loop answers while there is still time to say so. */
  private boolean turns(Duration every) throws InterruptedException {
    try {
      return agent.alive().get(every.toNanos() / 2, TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return false;
    }
  }

  @Override
  public void stop() {
    manager.stopping();
    Optional.ofNullable(thread).ifPresent(Thread::interrupt);
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}

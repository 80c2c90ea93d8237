package io.fermata.agent.stream;

import io.fermata.agent.AgentPorts;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Closes links whose peer takes or gives nothing for too long. A blocking channel has no time-out
 * of its own, and one thread that looks at all of them costs less than a selector in each.
 */
final class Watch implements AutoCloseable {
  private static final int LOOKS_PER_LIMIT = 8;
  private static final long EVERY_MILLIS_MAX = 250;

  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AgentPorts.Clock clock;
  private final long everyMillis;

  Watch(AgentPorts.Clock clock, long shortestLimitMillis) {
    this.clock = clock;
    this.everyMillis = Math.clamp(shortestLimitMillis / LOOKS_PER_LIMIT, 1, EVERY_MILLIS_MAX);
  }

  void start() {
    Thread.ofPlatform().daemon().name("data-plane-watch").start(this::run);
  }

  void add(Link link) {
    links.add(link);
  }

  void remove(Link link) {
    links.remove(link);
  }

  /** Ends the watching; links stay as they are. */
  @Override
  public void close() {
    closed.countDown();
  }

  private void run() {
    try {
      while (!closed.await(everyMillis, TimeUnit.MILLISECONDS)) {
        long now = clock.nanos();
        links.forEach(link -> link.expireIfIdle(now));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // somebody ends the process
    }
  }
}

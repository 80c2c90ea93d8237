package io.fermata.api;

import io.fermata.api.problem.Problem;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Those who wait or follow: at most so many at once, and all are let go when the server stops. */
@Component
class Clients {
  private final Semaphore places;
  private final int most;
  private final Set<Runnable> wakers = ConcurrentHashMap.newKeySet();
  private final Map<Kind, AtomicInteger> counts = new EnumMap<>(Kind.class);
  private volatile boolean closing;

  Clients(ApiSettings settings) {
    most = settings.clientsMax();
    places = new Semaphore(most);
    for (Kind kind : Kind.values()) {
      counts.put(kind, new AtomicInteger());
    }
  }

  /** What a client is here for. */
  enum Kind {
    WAIT,
    FOLLOW
  }

  /** A place among them; to be closed. */
  interface Place extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Takes a place.
   *
   * @param wake is run when the server stops; must not block
   * @throws Refused if there is none
   */
  Place enter(Kind kind, Runnable wake) {
    if (!places.tryAcquire()) {
      throw new Refused(
          Problem.of(
              ProblemCode.TOO_MANY_CLIENTS,
              most + " clients wait or follow already (fermata.api.clients-max); ask again later"));
    }
    wakers.add(wake);
    AtomicInteger here = count(kind);
    here.incrementAndGet();
    return () -> {
      wakers.remove(wake);
      here.decrementAndGet();
      places.release();
    };
  }

  /** How many wait or follow now. */
  int taken() {
    return most - places.availablePermits();
  }

  /** How many of that kind are here now. */
  int taken(Kind kind) {
    return count(kind).get();
  }

  private AtomicInteger count(Kind kind) {
    return Objects.requireNonNull(counts.get(kind));
  }

  /** Whether the server stops. */
  boolean closing() {
    return closing;
  }

  /** Comes before the web server waits for the requests that are under way. */
  @EventListener
  void stop(ContextClosedEvent event) {
    closing = true;
    wakers.forEach(Runnable::run);
  }
}

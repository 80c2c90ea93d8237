package io.fermata.chaos;

import io.fermata.chaos.CrashPoint.Moment;
import io.fermata.handover.HostName;
import io.fermata.handover.message.Request;
import io.fermata.migration.Agents;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

/**
 * The way to the agents, on which the process ends as by {@code kill -9}: no hook runs, nothing is
 * flushed, and what the journal has not written yet is lost.
 */
final class CrashingAgents implements Agents {
  static final int STATUS_OF_SIGKILL = 137;
  private static final Duration ON_THE_WIRE = Duration.ofMillis(3);

  private final Agents agents;
  private final AtomicReference<@Nullable CrashPoint> armed = new AtomicReference<>();

  CrashingAgents(Agents agents) {
    this.agents = agents;
  }

  /** Puts itself in front of the real agents in an orchestrator's context. */
  @Configuration(proxyBeanMethods = false)
  static class InFront {
    @Bean
    @Primary
    CrashingAgents crashingAgents(@Qualifier("agents") Agents agents) {
      return new CrashingAgents(agents);
    }
  }

  void arm(CrashPoint point) {
    armed.set(point);
  }

  @Override
  public void ask(HostName host, Request request, long timeoutMillis, Consumer<Word> then) {
    String name = request.getClass().getSimpleName();
    die(Moment.BEFORE, name);
    agents.ask(
        host,
        request,
        timeoutMillis,
        word -> {
          die(Moment.ANSWERED, name);
          then.accept(word);
        });
    if (isDue(Moment.SENT, name)) {
      LockSupport.parkNanos(ON_THE_WIRE.toNanos());
      die(Moment.SENT, name);
    }
  }

  void die(Moment moment, String request) {
    if (isDue(moment, request)) {
      Runtime.getRuntime().halt(STATUS_OF_SIGKILL);
    }
  }

  private boolean isDue(Moment moment, String request) {
    CrashPoint point = armed.get();
    return point != null && point.is(moment, request);
  }
}

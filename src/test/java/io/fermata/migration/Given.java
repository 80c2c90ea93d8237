package io.fermata.migration;

import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.HostName;
import io.fermata.journal.Journal;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** What a loop under test is given of the world: a clock that the test sets, and hosts. */
final class Given {
  private Given() {}

  /** Both clocks show those milliseconds. */
  static Moment moment(LongSupplier millis) {
    return new Moment() {
      @Override
      public long epochNanos() {
        return millis.getAsLong() * 1_000_000;
      }

      @Override
      public long monotonicNanos() {
        return millis.getAsLong() * 1_000_000;
      }
    };
  }

  /** A host without devices whose agent is in that state. */
  static HostView host(HostName name, AgentState state) {
    return new HostView(
        name,
        URI.create("http://" + name),
        name + ":1",
        Map.of(),
        true,
        state,
        "1",
        1L << 30,
        0L,
        null,
        null,
        List.of());
  }

  /** The same journal, but that one is told the name of each call first, and may throw. */
  static Journal told(Journal journal, Consumer<String> before) {
    return (Journal)
        Proxy.newProxyInstance(
            Journal.class.getClassLoader(),
            new Class<?>[] {Journal.class},
            (proxy, method, arguments) -> {
              before.accept(method.getName());
              try {
                return method.invoke(journal, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Hosts as they are at each question. */
  interface Hosts extends Fleet {
    @Override
    default Optional<HostView> host(HostName name) {
      return hosts().stream().filter(host -> host.name().equals(name)).findFirst();
    }

    @Override
    default Optional<HostView> refresh(HostName name) {
      return host(name);
    }
  }
}

package io.fermata.fleet;

import static org.awaitility.Awaitility.await;

import io.fermata.device.DeviceName;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.Remembered;
import io.fermata.handover.message.Request;
import io.fermata.wire.AgentStatus;
import io.fermata.wire.DeviceReset;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Polling never ends by itself. */
class PolledFleetTest {
  /** Asks nobody: the first round is answered, the second one fails in the calling thread. */
  private static final class Broken implements AgentClient {
    final AtomicInteger asked = new AtomicInteger();

    @Override
    public CompletableFuture<AgentStatus> status(URI agent, Duration timeout) {
      if (asked.incrementAndGet() == 2) {
        throw new IllegalStateException("a mistake in the program");
      }
      return CompletableFuture.failedFuture(new IllegalStateException("nobody is there"));
    }

    @Override
    public CompletableFuture<Answer> ask(URI agent, Request request, Duration timeout) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<List<Remembered>> memory(URI agent, Duration timeout) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<DeviceReset.Done> reset(
        URI agent, DeviceName device, DeviceReset wish, Duration timeout) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void aRoundThatFailsIsNotTheLastOne() {
    var settings =
        new FleetSettings(
            List.of(
                new FleetSettings.Host(
                    "host-a", URI.create("http://host-a"), null, Map.of(), true, 1)),
            Duration.ofMillis(5),
            Duration.ofSeconds(1),
            Duration.ofHours(3),
            Duration.ofHours(4),
            Duration.ofSeconds(1));
    Broken client = new Broken();
    try (var fleet =
        new PolledFleet(settings, new Inventory(settings, false), client, InstantSource.system())) {
      fleet.start();
      await().until(() -> client.asked.get() > 3);
    }
  }
}

package io.fermata.bench;

import io.fermata.bench.Agents.Devices;
import io.fermata.handover.HostName;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.Request;
import io.fermata.migration.Agents.Word;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

/**
 * Where the time between a gate's request and its answer goes, for 17 devices on one host. What is
 * within the agent is told by its own clock; what is left of the round trip is the wire and both
 * codecs.
 *
 * <pre>
 *   asked ─wire─▶ received ─agent─▶ first hop ─hops─▶ last hop over ─agent─▶ answered ─wire─▶ heard
 * </pre>
 */
final class GateParts {
  private static final int WARM = 300;
  private static final int ROUNDS = 300;
  private static final Duration HOP = Duration.ofMillis(5);
  private static final Map<String, List<Double>> PARTS = new LinkedHashMap<>();
  private static volatile boolean measures;

  private GateParts() {}

  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("fermata-bench-");
    Devices set = new Devices("d", 17, "vm-1", HOP, 4096);
    try (Agents agents = new Agents(folder)) {
      agents.start("host-0", List.of(set), List.of());
      agents.start("host-1", List.of(set.free()), List.of());
      try (Moves moves = new Moves(agents, folder, InFront.class)) {
        for (int i = 0; i < WARM + ROUNDS; i++) {
          measures = i >= WARM;
          moves.end(moves.begin("vm-1", "host-" + i % 2, "host-" + (i + 1) % 2));
        }
      }
    }
    PARTS.forEach((name, millis) -> {
      String most = "p99 %.2f ms".formatted(Figure.at(99, millis));
      Figure.of(name, 50, millis, "ms", most, "-").tell();
    });
    System.exit(0);
  }

  private static synchronized void note(String gate, long askedNanos, Answer answer) {
    long heard = System.nanoTime();
    if (!measures || answer.report() == null || answer.report().hops().isEmpty()) {
      return;
    }
    List<HopReport> hops = answer.report().hops();
    long first = hops.stream().mapToLong(HopReport::startNanos).min().orElseThrow();
    long last = hops.stream().mapToLong(HopReport::endNanos).max().orElseThrow();
    if (first < answer.receivedNanos()) {
      return; // an answer to what was asked again: it has no way there of its own
    }
    long agent = answer.answeredNanos() - answer.receivedNanos();
    part(gate + ": wire and codecs, both ways", heard - askedNanos - agent);
    part(gate + ": agent until its first hop", first - answer.receivedNanos());
    part(gate + ": from its first hop to its last", last - first);
    part(gate + ": agent after its last hop", answer.answeredNanos() - last);
  }

  private static void part(String name, long nanos) {
    PARTS.computeIfAbsent(name, n -> new ArrayList<>()).add(nanos / 1e6);
  }

  /** Stands before the real agents in an orchestrator's context. */
  @Configuration(proxyBeanMethods = false)
  static class InFront {
    @Bean
    @Primary
    io.fermata.migration.Agents watched(@Qualifier("agents") io.fermata.migration.Agents agents) {
      return new Watched(agents);
    }
  }

  private record Watched(io.fermata.migration.Agents agents)
      implements io.fermata.migration.Agents {
    @Override
    public void ask(HostName host, Request request, long timeoutMillis, Consumer<Word> then) {
      long asked = System.nanoTime();
      boolean gate =
          request instanceof Request.Quiesce
              || request instanceof Request.Freeze
              || request instanceof Request.Start;
      agents.ask(
          host,
          request,
          timeoutMillis,
          word -> {
            if (gate && word instanceof Word.Answered(Answer answer)) {
              note(request.getClass().getSimpleName(), asked, answer);
            }
            then.accept(word);
          });
    }
  }
}

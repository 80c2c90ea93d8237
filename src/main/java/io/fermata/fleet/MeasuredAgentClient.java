package io.fermata.fleet;

import io.fermata.device.DeviceName;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.Remembered;
import io.fermata.handover.message.Request;
import io.fermata.metrics.Buckets;
import io.fermata.metrics.Distribution;
import io.fermata.metrics.Instruments;
import io.fermata.wire.AgentStatus;
import io.fermata.wire.DeviceReset;
import io.prometheus.metrics.core.metrics.Counter;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An agent client whose calls are counted and timed, by method and by what became of them: {@code
 * ok}, {@code refused} (an answer too), or how the answer failed to come. The time holds what the
 * agent waited for, so it is long for a request whose gate opens late.
 */
public final class MeasuredAgentClient implements AgentClient, AutoCloseable {
  private static final double NANOS = 1e9;
  private static final String STATUS = "status";
  private static final Map<Class<?>, String> METHODS =
      Stream.of(Request.class.getPermittedSubclasses())
          .collect(Collectors.toUnmodifiableMap(type -> type, MeasuredAgentClient::method));

  private final HttpAgentClient client;
  private final LongSupplier nanos;
  private final Counter calls;
  private final Distribution seconds;

  public MeasuredAgentClient(HttpAgentClient client, LongSupplier nanos, Instruments instruments) {
    this.client = client;
    this.nanos = nanos;
    this.calls =
        instruments.counter(
            "fermata_agent_rpcs_total", "Calls of agents that ended.", "method", "outcome");
    this.seconds =
        instruments.histogram(
            Buckets.DEVICE,
            "fermata_agent_rpc_seconds",
            "From a call of an agent to its end; holds the time that the agent waited for gates.",
            "method",
            "outcome");
    calls.initLabelValues(STATUS, "ok");
    calls.initLabelValues(STATUS, "unreachable");
  }

  /** The caller's own stages are run before the counting: whoever waits in a blackout is first. */
  @Override
  public CompletableFuture<Answer> ask(URI agent, Request request, Duration timeout) {
    long asked = nanos.getAsLong();
    CompletableFuture<Answer> call = client.ask(agent, request, timeout);
    var _ =
        call.whenComplete((answer, fault) -> {
          boolean refused = answer != null && answer.refusal() != null;
          String method = METHODS.getOrDefault(request.getClass(), "other");
          ended(method, refused ? "refused" : outcome(fault), asked);
        });
    return call;
  }

  @Override
  public CompletableFuture<AgentStatus> status(URI agent, Duration timeout) {
    long asked = nanos.getAsLong();
    CompletableFuture<AgentStatus> call = client.status(agent, timeout);
    var _ = call.whenComplete((status, fault) -> ended(STATUS, outcome(fault), asked));
    return call;
  }

  @Override
  public CompletableFuture<List<Remembered>> memory(URI agent, Duration timeout) {
    long asked = nanos.getAsLong();
    CompletableFuture<List<Remembered>> call = client.memory(agent, timeout);
    var _ = call.whenComplete((told, fault) -> ended("memory", outcome(fault), asked));
    return call;
  }

  @Override
  public CompletableFuture<DeviceReset.Done> reset(
      URI agent, DeviceName device, DeviceReset wish, Duration timeout) {
    long asked = nanos.getAsLong();
    CompletableFuture<DeviceReset.Done> call = client.reset(agent, device, wish, timeout);
    var _ =
        call.whenComplete((done, fault) -> {
          boolean refused = done != null && done.objection() != null;
          ended("reset_device", refused ? "refused" : outcome(fault), asked);
        });
    return call;
  }

  private void ended(String method, String outcome, long asked) {
    calls.labelValues(method, outcome).inc();
    seconds.labelValues(method, outcome).observe((nanos.getAsLong() - asked) / NANOS);
  }

  private static String outcome(@Nullable Throwable fault) {
    if (fault == null) {
      return "ok";
    }
    Throwable cause = fault instanceof CompletionException ? fault.getCause() : fault;
    return cause instanceof AgentUnreachable known ? word(known.kind()) : "broken";
  }

  private static String word(AgentUnreachable.Kind kind) {
    return switch (kind) {
      case REFUSED -> "unreachable";
      case TIMEOUT, BROKEN, PROTOCOL -> Instruments.label(kind);
    };
  }

  /** {@code ClaimSource} as {@code claim_source}. */
  private static String method(Class<?> request) {
    String words = request.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "_");
    return words.toLowerCase(Locale.ROOT);
  }

  @Override
  public void close() {
    client.close();
  }
}

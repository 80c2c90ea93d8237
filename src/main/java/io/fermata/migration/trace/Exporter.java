package io.fermata.migration.trace;

import io.fermata.metrics.Instruments;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends spans to a collector, on a thread of its own. Whoever offers them takes no lock and waits
 * for nobody.
 */
final class Exporter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Exporter.class);
  private static final int AT_ONCE = 512;
  private static final int OK = 200;
  private static final int TOO_MANY = 429;
  private static final int SERVER_ERRORS = 500;
  private static final long BETWEEN_MILLIS = 200;

  private final TracingSettings settings;
  private final URI endpoint;
  private final String version;
  private final HttpClient client;
  private final CounterDataPoint sent;
  private final CounterDataPoint dropped;
  private final Queue<Offer> offered = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final List<Span> made = new ArrayList<>();
  private int attempts;
  private long restTurns;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("traces").unstarted(task));

  private record Offer(int count, Supplier<List<Span>> spans) {}

  Exporter(TracingSettings settings, URI endpoint, String version, Instruments instruments) {
    this.settings = settings;
    this.endpoint = endpoint;
    this.version = version;
    this.client = HttpClient.newBuilder().connectTimeout(settings.timeout()).build();
    Counter spans =
        instruments.counter(
            "fermata_trace_spans_total",
            "Spans for the collector of traces, by what became of them.",
            "outcome");
    sent = spans.labelValues("sent");
    dropped = spans.labelValues("dropped");
  }

  void start() {
    var _ =
        thread.scheduleWithFixedDelay(
            this::turn, BETWEEN_MILLIS, BETWEEN_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Spans that can be made. With too many waiting already they are dropped. */
  void offer(int count, Supplier<List<Span>> spans) {
    if (waiting.get() + count > settings.queue()) {
      dropped.inc(count);
      return;
    }
    waiting.addAndGet(count);
    offered.add(new Offer(count, spans));
  }

  private void turn() {
    if (restTurns > 0) {
      restTurns--;
      return;
    }
    try {
      make();
      while (!made.isEmpty() && export(made.subList(0, Math.min(AT_ONCE, made.size())))) {
        make();
      }
    } catch (RuntimeException broken) {
      // The edge of this thread: a mistake in one batch must not end all traces.
      LOG.error("spans were dropped", broken);
      drop(made);
    }
  }

  private void make() {
    Offer next = offered.peek();
    while (next != null && made.size() < AT_ONCE) {
      offered.remove();
      waiting.addAndGet(-next.count());
      made.addAll(next.spans().get());
      next = offered.peek();
    }
  }

  /** Whether to go on at once; what was not taken and may be taken later stays. */
  private boolean export(List<Span> batch) {
    int status = post(OtlpJson.of(version, batch));
    if (status / 100 == OK / 100) {
      sent.inc(batch.size());
      batch.clear();
      attempts = 0;
      return true;
    }
    boolean later = status == 0 || status == TOO_MANY || status >= SERVER_ERRORS;
    attempts++;
    if (!later || attempts >= settings.attempts()) {
      LOG.warn("{} spans were dropped: {} answers {}", batch.size(), endpoint, status);
      drop(batch);
      attempts = 0;
    } else {
      restTurns = settings.retry().toMillis() / BETWEEN_MILLIS;
    }
    return false;
  }

  private void drop(List<Span> spans) {
    dropped.inc(spans.size());
    spans.clear();
  }

  /** The status of the answer, or 0 where there was none. */
  private int post(byte[] body) {
    var request =
        HttpRequest.newBuilder(endpoint)
            .timeout(settings.timeout())
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(body))
            .build();
    try {
      HttpResponse<Void> answer = client.send(request, BodyHandlers.discarding());
      return answer.statusCode();
    } catch (IOException e) {
      LOG.debug("the collector of traces is out of reach", e);
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  /** What waits is lost: a process that ends does not wait for its traces. */
  @Override
  public void close() {
    thread.shutdownNow();
    client.shutdownNow();
  }
}

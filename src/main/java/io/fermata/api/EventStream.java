package io.fermata.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fermata.api.text.EventText;
import io.fermata.api.view.EventView;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Migrations;
import io.fermata.migration.Migrations.Happening;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Sends the journal's events to a client for as long as it stays. The client's own thread reads
 * them from the journal; the follower only wakes it. So a slow client holds up nobody, takes no
 * memory, and misses nothing.
 */
@Component
class EventStream {
  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);
  private static final int BATCH = 200;

  private final Migrations migrations;
  private final Clients clients;
  private final InstantSource time;
  private final long heartbeatMillis;
  private final ApiMetrics metrics;

  EventStream(
      Migrations migrations,
      Clients clients,
      InstantSource time,
      ApiSettings settings,
      ApiMetrics metrics) {
    this.metrics = metrics;
    this.migrations = migrations;
    this.clients = clients;
    this.time = time;
    this.heartbeatMillis = settings.heartbeat().toMillis();
  }

  /** How a stream is written. */
  enum Form {
    SSE("text/event-stream"),
    NDJSON("application/x-ndjson"),
    TEXT("text/plain");

    private final String mediaType;

    Form(String mediaType) {
      this.mediaType = mediaType;
    }

    private String event(EventView event) {
      return switch (this) {
        case SSE ->
            "id: "
                + event.seq()
                + "\nevent: "
                + event.type()
                + "\ndata: "
                + Json.text(event)
                + "\n\n";
        case NDJSON -> Json.text(event) + "\n";
        case TEXT -> EventText.line(event) + "\n";
      };
    }

    private String resync(Resync resync) {
      return switch (this) {
        case SSE -> "event: resync\ndata: " + Json.text(resync) + "\n\n";
        case NDJSON -> Json.text(resync) + "\n";
        case TEXT -> "# resync: " + resync.detail() + "\n";
      };
    }

    private String heartbeat(Instant now) {
      return switch (this) {
        case SSE -> ": heartbeat " + now + "\n\n";
        case NDJSON -> Json.text(new Heartbeat("heartbeat", now)) + "\n";
        case TEXT -> EventText.heartbeat(now) + "\n";
      };
    }
  }

  /**
   * The client's place is not in the journal: what it knows may be wrong, and it reads anew.
   *
   * @param from the seq after which the stream goes on
   */
  private record Resync(String type, long asked, long from, String detail) {}

  private record Heartbeat(String type, Instant time) {}

  /**
   * Sends what comes after that seq, of one migration or of all, until the client or the server
   * goes.
   */
  void send(@Nullable MigrationId id, long after, Form form, HttpServletResponse response) {
    BlockingQueue<Boolean> news = new LinkedBlockingQueue<>(1);
    try (var _ = clients.enter(Clients.Kind.FOLLOW, () -> news.offer(true))) {
      response.setContentType(form.mediaType + ";charset=UTF-8");
      response.setHeader("Cache-Control", "no-store");
      response.setHeader("X-Accel-Buffering", "no");
      run(new Client(id, form, news, response), after);
    }
  }

  private record Client(
      @Nullable MigrationId id,
      Form form,
      BlockingQueue<Boolean> news,
      HttpServletResponse response) {}

  private void run(Client client, long after) {
    // Follow first, read then: what comes in between is read, and only wakes once too often.
    AutoCloseable following = migrations.follow(happening -> client.news().offer(true));
    try {
      OutputStream out = client.response().getOutputStream();
      client.response().flushBuffer();
      long last = begin(client, after, out);
      while (!clients.closing()) {
        last = readOn(client, last, out);
        if (client.news().poll(heartbeatMillis, TimeUnit.MILLISECONDS) == null) {
          out.write(client.form().heartbeat(time.instant()).getBytes(UTF_8));
        }
        out.flush();
      }
    } catch (IOException e) {
      LOG.debug("a follower has gone: {}", e.getMessage());
      metrics.followerGone();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      leave(following);
    }
  }

  /**
   * A place that the journal does not have is older than what it kept, or of a journal that a
   * backup has replaced: the client is told, and gets everything that there is.
   */
  private long begin(Client client, long after, OutputStream out) throws IOException {
    if (after == 0) {
      return 0;
    }
    List<Happening> there = migrations.history(null, after - 1, 1);
    if (!there.isEmpty() && there.getFirst().seq() == after) {
      return after;
    }
    String detail = "event " + after + " is not in the journal; all that is there follows";
    var resync = new Resync("resync", after, 0, detail);
    out.write(client.form().resync(resync).getBytes(UTF_8));
    out.flush();
    return 0;
  }

  private long readOn(Client client, long after, OutputStream out) throws IOException {
    long last = after;
    List<Happening> batch = migrations.history(client.id(), last, BATCH);
    while (!batch.isEmpty()) {
      for (Happening happening : batch) {
        out.write(client.form().event(EventView.of(happening)).getBytes(UTF_8));
      }
      out.flush();
      last = batch.getLast().seq();
      batch = migrations.history(client.id(), last, BATCH);
    }
    return last;
  }

  private static void leave(AutoCloseable following) {
    try {
      following.close();
    } catch (Exception e) {
      // The interface allows any exception; a follower that cannot leave is only woken in vain.
      LOG.warn("a follower could not leave", e);
    }
  }
}

package io.fermata.api;

import io.fermata.api.view.EventView;
import io.fermata.handover.MigrationId;
import io.fermata.metrics.TraceId;
import io.fermata.migration.Live;
import io.fermata.migration.Migration;
import io.fermata.migration.Migrations;
import io.fermata.migration.Migrations.Happening;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * What happens to migrations, as lines of the log with fields: migration, vm, source, destination,
 * epoch, trace. It reads what is on disk already, on a thread of its own, and drops lines rather
 * than let anybody wait for a slow log; the journal has them all.
 */
@Component
class MigrationLog implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger("fermata.migration");
  private static final int WAITING_MAX = 10_000;
  private static final int DATA_MAX = 300;
  private static final int KNOWN_MAX = 10_000;
  private static final String TAKEN_OVER = "migration.taken-over";

  /** What would be too much: it is in the history. */
  private static final Set<String> QUIET = Set.of("migration.timeline", "migration.witnessed");

  private final Migrations migrations;
  private final BlockingQueue<Happening> waiting = new LinkedBlockingQueue<>(WAITING_MAX);

  /** The newest migrations that a line was written of; only the writing thread sees it. */
  private final Map<String, Migration> known =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Migration> eldest) {
          return size() > KNOWN_MAX;
        }
      };

  private final AtomicLong dropped = new AtomicLong();
  private volatile boolean running;
  private volatile AutoCloseable following = () -> {};

  MigrationLog(Migrations migrations) {
    this.migrations = migrations;
  }

  @Override
  public void start() {
    running = true;
    following = migrations.follow(this::happened);
    Thread.ofVirtual().name("migration-log").start(this::write);
  }

  private void happened(Happening happening) {
    boolean wanted = happening.type().startsWith("migration.") && !QUIET.contains(happening.type());
    if (wanted && !waiting.offer(happening)) {
      dropped.incrementAndGet();
    }
  }

  private void write() {
    try {
      while (running) {
        line(waiting.take());
        long lost = dropped.getAndSet(0);
        if (lost > 0) {
          LOG.warn("{} lines were dropped, the log was too slow", lost);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void line(Happening happening) {
    String id = happening.subject();
    if (happening.type().equals(TAKEN_OVER)) {
      known.remove(id); // another epoch from here on
    }
    var line =
        LOG.atInfo()
            .addKeyValue("migration", id)
            .addKeyValue("trace_id", TraceId.of(id))
            .addKeyValue("seq", happening.seq());
    Migration migration = known(id);
    if (migration != null) {
      line =
          line.addKeyValue("vm", migration.order().vm())
              .addKeyValue("source", migration.order().source().value())
              .addKeyValue("destination", migration.order().destination().value())
              .addKeyValue("epoch", migration.epoch().number());
    }
    String data = String.valueOf(EventView.of(happening).data());
    String cut = data.length() > DATA_MAX ? data.substring(0, DATA_MAX) + "…" : data;
    line.log("{} by {} {}", happening.type(), happening.actor(), cut);
  }

  /** Asked for once in a term, before the guest is dark: the loop has other things to do then. */
  private @Nullable Migration known(String id) {
    Migration seen = known.get(id);
    if (seen == null) {
      seen = find(id);
      if (seen != null) {
        known.put(id, seen);
      }
    }
    return seen;
  }

  private @Nullable Migration find(String id) {
    try {
      return migrations.find(new MigrationId(id)).map(Live::migration).orElse(null);
    } catch (IllegalArgumentException | Migrations.Unreadable unknown) {
      return null; // the line says what it can
    }
  }

  @Override
  public void stop() {
    running = false;
    try {
      following.close();
    } catch (Exception e) {
      // The interface allows any exception; a follower that cannot leave fills a bounded queue.
      LOG.warn("the log could not leave", e);
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}

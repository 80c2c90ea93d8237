package io.fermata.migration.metrics;

import io.fermata.fleet.Fleet;
import io.fermata.handover.MigrationId;
import io.fermata.metrics.Instruments;
import io.fermata.migration.Intake;
import io.fermata.migration.Latencies;
import io.fermata.migration.Limits;
import io.fermata.migration.Migration;
import io.fermata.migration.Moment;
import io.fermata.migration.Note;
import io.fermata.migration.Onlooker;
import io.fermata.migration.Terms;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks on at the loop for Prometheus. A mistake in here is logged and ends nothing. */
public final class MigrationMetrics implements Onlooker, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MigrationMetrics.class);
  private static final long WATCH_MILLIS = 1_000;

  private final OpenMigrations open;
  private final Census census;
  private final Course course;
  private final Recoveries recoveries;
  private final Darkness darkness;
  private final LostAgents lostAgents;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("metrics-watch").unstarted(task));

  /** What it looks at besides the migrations. */
  public record Surroundings(Fleet fleet, Latencies learned, Moment moment) {}

  public MigrationMetrics(Instruments instruments, Surroundings around, Terms terms) {
    open = new OpenMigrations();
    course = new Course(instruments);
    recoveries = new Recoveries(instruments, around.moment());
    darkness = new Darkness(instruments, around.fleet(), around.learned());
    lostAgents = new LostAgents(instruments, open, around.fleet());
    census = new Census(open, around.moment(), terms);
    census.show(instruments);
    new Listed(open).show(instruments);
  }

  /** From here on agents that are lost in a blackout are noticed also when nobody scrapes. */
  public void start() {
    var _ =
        watch.scheduleWithFixedDelay(
            () -> guarded(lostAgents::look), WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public void began(Migration submitted) {
    guarded(() -> {
      open.put(submitted);
      course.began(submitted);
      darkness.began(submitted);
    });
  }

  @Override
  public void became(Migration before, Migration after, List<Note> notes) {
    guarded(() -> {
      open.put(after);
      for (Note note : notes) {
        switch (note) {
          case Note.Moved moved -> {
            course.moved(before, after, moved);
            darkness.moved(before, after, moved);
          }
          case Note.TakenOver taken -> recoveries.began(after.id());
          default -> {}
        }
      }
    });
  }

  @Override
  public void kept(Migration durable, Sides sides) {
    guarded(() -> {
      if (recoveries.kept(durable)) {
        course.takenOver();
      }
      if (durable.ended()) {
        open.ended(durable);
        course.ended(durable);
        darkness.ended(durable, sides);
      }
    });
  }

  @Override
  public void gaveOut(Limits limits, Intake intake, Map<Limits.Scope, Integer> fullest) {
    census.gaveOut(limits, intake, fullest);
  }

  /** Usual among replicas; where one process has the journal for itself nobody can be quicker. */
  @Override
  public void outrun(Migration last) {
    LOG.info("{} was not taken up here: somebody else has written to its row", last.id());
    guarded(() -> {
      open.remove(last.id());
      recoveries.lost(last.id());
      darkness.lost(last.id());
    });
  }

  @Override
  public void lost(Migration last) {
    guarded(() -> {
      MigrationId id = last.id();
      open.remove(id);
      course.lost(id);
      recoveries.lost(id);
      darkness.lost(id);
    });
  }

  private static void guarded(Runnable counting) {
    try {
      counting.run();
    } catch (RuntimeException e) {
      // The edge of another room: what is thrown on the loop's thread would end the process.
      LOG.error("a metric was not counted", e);
    }
  }

  @Override
  public void close() {
    watch.shutdownNow();
  }
}

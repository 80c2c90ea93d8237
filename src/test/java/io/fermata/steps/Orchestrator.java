package io.fermata.steps;

import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.Request;
import io.fermata.journal.MemoryJournal;
import io.fermata.journal.Row;
import io.fermata.migration.Agents;
import io.fermata.migration.JournaledMigrations;
import io.fermata.migration.MigrationLoop;
import io.fermata.migration.Migrations;
import io.fermata.migration.Moment;
import io.fermata.migration.Order;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One life of an orchestrator: the production's loop, with each of its steps numbered. */
final class Orchestrator implements Executor, Agents, Moment {
  private static final Set<Disturbance> ASKING =
      EnumSet.of(
          Disturbance.FAILS_BEFORE,
          Disturbance.FAILS_AFTER,
          Disturbance.CRASHES_BEFORE_SYNC,
          Disturbance.CRASHES_AFTER_SEND,
          Disturbance.TWICE,
          Disturbance.ANSWER_LOST,
          Disturbance.AWAY);
  private static final long REFUSED = 10 * Stage.MILLI;
  private static final long LONGEST_PAUSE_MILLIS = 1_000;

  private final Stage stage;
  private final Orchestrators all;
  private final String name;
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final SteppedJournal journal;
  private final MigrationLoop loop;
  private final JournaledMigrations migrations;
  private boolean alive = true;
  private boolean pumping;
  private boolean submitting;
  private @Nullable Disturbance doomed;
  private long wakes;

  Orchestrator(Stage stage, Orchestrators all, MemoryJournal shared, String name) {
    this.stage = stage;
    this.all = all;
    this.name = name;
    this.journal = new SteppedJournal(shared, this);
    var world = new MigrationLoop.World(journal, this, new StageFleet(stage), this, this, name);
    this.loop = new MigrationLoop(world, Orchestrators.TABLE, Orchestrators.TERMS);
    this.migrations = new JournaledMigrations(loop, journal, new SplittableRandom(1));
  }

  void recover() {
    migrations.recover();
  }

  void submit(Order order) {
    submitting = true;
    var _ =
        migrations
            .submit(new Migrations.Submission(order, "test", "api", 1, null, null))
            .thenAccept(r -> submitting = false);
  }

  void abort(MigrationId id) {
    var _ = migrations.abort(id, "test", "changed my mind");
  }

  boolean isIdle() {
    return alive && !submitting && tasks.isEmpty();
  }

  boolean isAlive() {
    return alive;
  }

  void die() {
    alive = false;
    tasks.clear();
  }

  Stage stage() {
    return stage;
  }

  /** The journal or the network says that this is where it ends. */
  void end(Disturbance by) {
    if (alive) {
      all.replace(this, by);
    }
  }

  /** It ends once what it is at now is done. */
  void endSoon(Disturbance by) {
    doomed = by;
  }

  void written(Row row) {
    all.written(row);
  }

  void born(MigrationId id) {
    all.born(id);
  }

  /** Takes a step: what disturbs it, with those that concern nobody else done. */
  @Nullable Disturbance step(String place, String came, Set<Disturbance> ends) {
    Set<Disturbance> more = EnumSet.copyOf(ends);
    more.add(Disturbance.ABORT);
    Disturbance by = stage.step("driver " + place, came, "", more);
    if (by == Disturbance.ABORT) {
      stage.soon(all::abort);
    }
    return by;
  }

  void startBeside() {
    all.startBeside();
  }

  @Override
  public void execute(Runnable task) {
    if (alive) {
      tasks.add(task);
      if (!pumping) {
        pumping = true;
        stage.soon(this::pump);
      }
    }
  }

  private void pump() {
    for (Runnable task = tasks.poll(); alive && task != null; task = tasks.poll()) {
      task.run();
    }
    pumping = false;
    if (alive) {
      loop.tick();
    }
    if (alive && doomed != null) {
      end(doomed);
    }
    if (alive) {
      long pause = Math.clamp(loop.nextWakeMillis() - epochMillis(), 1, LONGEST_PAUSE_MILLIS);
      long wake = ++wakes;
      stage.at(
          stage.now() + pause * Stage.MILLI,
          () -> {
            if (alive && wake == wakes && !pumping) {
              pump();
            }
          });
    }
  }

  @Override
  public void ask(HostName host, Request request, long timeoutMillis, Consumer<Word> then) {
    if (!alive) {
      return; // ended in the middle of what it was at
    }
    String came = "asks " + host + " " + request.getClass().getSimpleName();
    Disturbance by = step(String.valueOf(journal.phase()), came, ASKING);
    if (by == Disturbance.CRASHES_BEFORE_SYNC) {
      end(by);
      return;
    }
    Call call = new Call(then);
    if (by == Disturbance.FAILS_BEFORE) {
      stage.at(stage.now() + REFUSED, () -> call.end(new Word.Silent("connection refused")));
      return;
    }
    Host asked = stage.host(host.value());
    boolean heard = by != Disturbance.FAILS_AFTER && by != Disturbance.ANSWER_LOST;
    stage.soon(() -> asked.ask(request, answer -> call.answered(answer, heard)));
    if (by == Disturbance.TWICE) {
      stage.soon(() -> asked.ask(request, answer -> {}));
    }
    if (by == Disturbance.FAILS_AFTER) {
      stage.at(stage.now() + REFUSED, () -> call.end(new Word.Silent("connection reset")));
    }
    stage.at(
        stage.now() + timeoutMillis * Stage.MILLI,
        () -> call.end(new Word.Silent("no answer in time")));
    if (by == Disturbance.CRASHES_AFTER_SEND || by == Disturbance.AWAY) {
      end(by);
    }
  }

  /** One request that is out; it ends once. */
  private final class Call {
    private final Consumer<Word> then;
    private boolean ended;

    Call(Consumer<Word> then) {
      this.then = then;
    }

    void answered(@Nullable Answer answer, boolean heard) {
      if (heard && answer != null) {
        end(new Word.Answered(answer));
      } else if (heard) {
        stage.at(stage.now() + REFUSED, () -> end(new Word.Silent("connection reset")));
      }
    }

    void end(Word word) {
      if (alive && !ended) {
        ended = true;
        then.accept(word);
      }
    }
  }

  @Override
  public long epochNanos() {
    return stage.now();
  }

  @Override
  public long monotonicNanos() {
    return stage.now();
  }

  @Override
  public String toString() {
    return name;
  }
}

package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalFault;
import io.fermata.journal.MemoryJournal;
import io.fermata.migration.Migrations.Earlier;
import io.fermata.migration.Migrations.Result;
import io.fermata.migration.Migrations.Unreadable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What is kept in the journal for callers, and what they see when it cannot be read. */
class JournaledMigrationsTest {
  private static final long NOW = 1_795_406_400_000L;

  private final MemoryJournal memory =
      new MemoryJournal(InstantSource.fixed(Instant.ofEpochMilli(NOW)), Duration.ofDays(1));

  @Test
  void anAnswerIsKeptOnceAndGivenForTheSameRequestOnly() {
    Migrations migrations = over(memory);
    Migrations.Key key = new Migrations.Key("k", "hash");
    assertEquals(Optional.empty(), migrations.earlier(key));
    assertTrue(migrations.keep(key, "202").join());
    assertEquals(Optional.of(new Earlier("202", true)), migrations.earlier(key));
    Migrations.Key other = new Migrations.Key("k", "another");
    assertEquals(Optional.of(new Earlier("202", false)), migrations.earlier(other));
    assertFalse(migrations.keep(other, "200").join());
    assertEquals(Optional.of(new Earlier("202", true)), migrations.earlier(key));
  }

  @Test
  void aKeyWhoseMigrationIsGoneIsNotGivenToAnother() {
    Migrations migrations = over(memory);
    Migrations.Key key = new Migrations.Key("k", "hash");
    assertTrue(migrations.keep(key, "m0000009").join());
    assertEquals(new Result.KeyReused("k"), migrations.answered(key).orElseThrow());
  }

  @Test
  void aKeyWhoseMigrationCannotBeReadNowIsUnavailable() {
    Migrations migrations =
        over(
            Given.told(
                memory,
                asked -> {
                  if (asked.equals("row")) {
                    throw new JournalFault(JournalFault.Code.READ_FAILED, "the disk is gone");
                  }
                }));
    Migrations.Key key = new Migrations.Key("k", "hash");
    assertTrue(migrations.keep(key, "m0000009").join());
    var told = assertInstanceOf(Result.Unavailable.class, migrations.answered(key).orElseThrow());
    assertTrue(told.detail().contains("the disk is gone"), told.detail());
  }

  /** Whoever hands a future on hands on its fault in a wrapping of his own. */
  @Test
  void aKeyThatIsTakenIsSoHoweverTheFaultIsWrapped() {
    Migrations migrations = over(wrapping());
    var first = new Migrations.Key("k", "hash");
    assertInstanceOf(Result.Taken.class, migrations.submit(submission(first)).join());
    var other = new Migrations.Key("k", "another");
    Result again = migrations.submit(submission(other)).join();
    assertEquals(new Result.KeyReused("k"), again);
  }

  private static Migrations.Submission submission(Migrations.Key key) {
    return new Migrations.Submission(Orders.order(1, false, 0), "me", "api", 1, null, key);
  }

  /** Its faults come as those of a stage that was built on the first. */
  private Journal wrapping() {
    return (Journal)
        Proxy.newProxyInstance(
            Journal.class.getClassLoader(),
            new Class<?>[] {Journal.class},
            (proxy, method, arguments) -> {
              try {
                Object answer = method.invoke(memory, arguments);
                return answer instanceof CompletableFuture<?> future
                    ? future.thenApply(done -> done)
                    : answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void aWordHasTheLengthThatIsAskedFor() {
    assertEquals(16, JournaledMigrations.word(new SplittableRandom(1), 16).length());
    assertEquals("", JournaledMigrations.word(new SplittableRandom(1), 0));
  }

  @Test
  void anAnswerThatTheJournalDoesNotTakeIsNotKeptAndNobodyIsHurt() {
    memory.failing(
        change -> Optional.of(new JournalFault(JournalFault.Code.WRITE_FAILED, "appending")));
    assertFalse(over(memory).keep(new Migrations.Key("k", "hash"), "202").join());
  }

  @Test
  void anEndIsShownOnceItIsDurable() {
    assertEquals(Outcome.FAILED, shown(over(memory)).outcome()); // there are no hosts
    memory.failing(change ->
        change.entries().stream().anyMatch(e -> e.data().contains("DONE"))
            ? Optional.of(new JournalFault(JournalFault.Code.WRITE_FAILED, "appending"))
            : Optional.empty());
    Migration shown = shown(over(memory, 2));
    assertNull(shown.outcome(), "shown as over, and the journal does not know");
    assertNotEquals(Phase.DONE, shown.phase());
  }

  private static Migration shown(Migrations migrations) {
    var order = Orders.order(1, false, 0);
    var submission = new Migrations.Submission(order, "me", "api", 1, null, null);
    var taken = (Migrations.Result.Taken) migrations.submit(submission).join();
    return migrations.find(taken.migration().id()).orElseThrow().migration();
  }

  @Test
  void whatCannotBeReadIsSaidSo() {
    Migrations migrations = over(unreadable());
    MigrationId id = new MigrationId("mig1");
    var any = new Migrations.Filter(null, null, null, null, null, null);
    List<Executable> reads =
        List.of(
            () -> migrations.find(id),
            () -> migrations.idsStartingWith("m", 1),
            () -> migrations.list(any, null, 1),
            () -> migrations.history(null, 0, 1),
            () -> migrations.history(id, 0, 1),
            () -> migrations.answered(new Migrations.Key("k", "hash")),
            () -> migrations.earlier(new Migrations.Key("k", "hash")));
    for (Executable read : reads) {
      String told = assertThrows(Unreadable.class, read).getMessage();
      assertTrue(told.contains("the disk is gone"), told);
    }
  }

  @Test
  void aCommandOnWhatCannotBeReadIsUnavailable() {
    CompletableFuture<Migrations.Result> result =
        over(unreadable()).abort(new MigrationId("mig1"), "me", "because");
    var told = (Migrations.Result.Unavailable) result.join();
    assertTrue(told.detail().contains("the disk is gone"), told.detail());
  }

  /** Every query fails; the rest is the journal in memory. */
  private Journal unreadable() {
    List<Class<?>> answers = List.of(List.class, Optional.class);
    return (Journal)
        Proxy.newProxyInstance(
            Journal.class.getClassLoader(),
            new Class<?>[] {Journal.class},
            (proxy, method, arguments) -> {
              if (answers.contains(method.getReturnType())) {
                throw new JournalFault(JournalFault.Code.READ_FAILED, "the disk is gone");
              }
              try {
                return method.invoke(memory, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static Migrations over(Journal journal) {
    return over(journal, 1);
  }

  private static Migrations over(Journal journal, long seed) {
    Moment moment =
        new Moment() {
          @Override
          public long epochNanos() {
            return TimeUnit.MILLISECONDS.toNanos(NOW);
          }

          @Override
          public long monotonicNanos() {
            return 1;
          }
        };
    Agents silent = (host, request, timeout, then) -> {};
    var world =
        new MigrationLoop.World(journal, silent, new NoHosts(), moment, Runnable::run, "o1");
    var loop = new MigrationLoop(world, new Lifecycle(), Terms.usual());
    return new JournaledMigrations(loop, journal, new SplittableRandom(seed));
  }

  private static final class NoHosts implements Fleet {
    @Override
    public List<HostView> hosts() {
      return List.of();
    }

    @Override
    public Optional<HostView> host(HostName name) {
      return Optional.empty();
    }

    @Override
    public Optional<HostView> refresh(HostName name) {
      return Optional.empty();
    }
  }
}

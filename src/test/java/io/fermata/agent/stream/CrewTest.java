package io.fermata.agent.stream;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Who runs a stream: nobody is waited for, and nobody is made anew without need. */
class CrewTest {
  private final Crew crew = new Crew();
  private final Queue<Thread> seen = new ConcurrentLinkedQueue<>();

  @Test
  void whoHasEndedIsThereForTheNext() {
    crew.start("stream-out-gpu0", this::see);
    Thread first = ended();
    crew.start("stream-out-gpu1", this::see);
    await().until(() -> seen.size() == 2);
    assertEquals(2, seen.stream().filter(first::equals).count());
  }

  @Test
  void whoIsAtWorkIsNotWaitedFor() {
    CountDownLatch both = new CountDownLatch(2);
    Runnable meets =
        () -> {
          see();
          both.countDown();
          await().until(() -> both.getCount() == 0);
        };
    crew.start("stream-out-gpu0", meets);
    crew.start("stream-out-gpu1", meets);
    await().until(() -> both.getCount() == 0);
    assertNotSame(seen.poll(), seen.poll());
  }

  @Test
  void itBearsTheNameOfWhatItDoesAndOfNothingThatIsOver() {
    Queue<String> names = new ConcurrentLinkedQueue<>();
    crew.start(
        "stream-in",
        () -> {
          names.add(Thread.currentThread().getName());
          Thread.currentThread().setName("stream-in-gpu0");
          see();
        });
    Thread one = ended();
    assertEquals("stream-in", names.poll());
    assertTrue(one.isDaemon(), "or it would keep the agent from ending");
  }

  @Test
  void aMistakeInOneIsNotTheNextOnes() {
    Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
    crew.start(
        "stream-in",
        () -> {
          Thread.currentThread().setUncaughtExceptionHandler((by, e) -> uncaught.add(e));
          throw new IllegalStateException("a mistake");
        });
    await().until(() -> uncaught.size() == 1);
    crew.start("stream-in", this::see);
    await().until(() -> seen.size() == 1);
  }

  private void see() {
    seen.add(Thread.currentThread());
  }

  /** Whoever was seen first, once it has nothing to do. */
  private Thread ended() {
    await().until(() -> !seen.isEmpty() && seen.peek().getName().equals("stream-idle"));
    await().until(() -> seen.peek().getState() == Thread.State.TIMED_WAITING);
    return seen.element();
  }
}

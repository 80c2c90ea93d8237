package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Deciding about the queue takes a fifth of the loop's time at most. */
class RestTest {
  private static final long MILLI = 1_000_000;
  private static final long WALL = 1_000 * MILLI;

  private long now = 500 * MILLI;

  private final Rest rest =
      new Rest(
          new Moment() {
            @Override
            public long epochNanos() {
              return WALL + now;
            }

            @Override
            public long monotonicNanos() {
              return now;
            }
          });

  private void work(int open, long nanos) {
    long took = rest.after(open, () -> now += nanos);
    assertEquals(now, took);
  }

  @Test
  void afterLongWorkTheQueueIsLeftAloneFourTimesAsLong() {
    work(10_000, 30 * MILLI);
    assertFalse(rest.isOver());
    assertEquals(1_000 + 530 + 120 + 1, rest.wakeMillis());

    now += 119 * MILLI;
    assertFalse(rest.isOver());
    now += MILLI;
    assertTrue(rest.isOver());
  }

  @Test
  void whoeverWasPutOffIsRememberedUntilItIsDecided() {
    work(10_000, 30 * MILLI);
    assertEquals(Long.MAX_VALUE, rest.wakeMillis(), "nobody has asked yet");
    assertFalse(rest.isOver());
    long wake = rest.wakeMillis();

    now += 200 * MILLI;
    assertTrue(rest.isOver());
    assertEquals(wake, rest.wakeMillis());
    work(10_000, MILLI / 10);
    assertEquals(Long.MAX_VALUE, rest.wakeMillis());
  }

  @Test
  void thereIsNoRestAmongFewHoweverLongItTook() {
    assertTrue(rest.isOver());
    work(499, 30 * MILLI);
    assertTrue(rest.isOver());
  }
}

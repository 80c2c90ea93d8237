package io.fermata.agent.stream;

import io.fermata.handover.Stop;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What the agent's loop wants of a stream that is under way: to go on, to finish, or nothing. */
final class Wanted {
  private final Voice voice;
  private final CountDownLatch woken = new CountDownLatch(1);
  private volatile @Nullable Stop stop;

  Wanted(Voice voice) {
    this.voice = voice;
  }

  /** To be read to its end, under that stop. */
  void finish(Stop under) {
    stop = under; // before the latch: who wakes up must find it
    woken.countDown();
  }

  void wake() {
    woken.countDown();
  }

  /** Null while the device has not stopped. */
  @Nullable Stop stop() {
    return stop;
  }

  /** Goes on only if somebody still wants the stream. */
  void orFault() {
    if (voice.isSilent()) {
      throw new StreamFault(StreamFault.Code.DROPPED, "the stream was dropped");
    }
  }

  /** Waits, but not once the end is asked for; then goes on as {@link #orFault}. */
  void pause(long millis) {
    try {
      if (woken.await(millis, TimeUnit.MILLISECONDS)) {
        orFault();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StreamFault(StreamFault.Code.DROPPED, "the agent ends", e);
    }
  }
}

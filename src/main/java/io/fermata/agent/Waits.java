package io.fermata.agent;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waiting for the loop on a request's own thread. */
final class Waits {
  /** How much longer than it was asked to a healthy loop may take to answer. */
  private static final long GRACE_MILLIS = 10_000;

  private Waits() {}

  /**
   * @param reply empty when the loop took nothing more in
   * @throws AgentBusy if there is no reply in time; what was asked may still be done
   */
  static <T> T forReply(Optional<CompletableFuture<T>> reply, long awaitMillis) {
    if (reply.isEmpty()) {
      throw new AgentBusy("too many requests wait; nothing was taken in");
    }
    CompletableFuture<T> waiting = reply.get();
    try {
      return waiting.get(awaitMillis + GRACE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      waiting.cancel(false);
      throw new AgentBusy("no answer in time; what was asked may still be done");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AgentBusy("the agent is closing; what was asked may still be done");
    } catch (ExecutionException e) {
      throw new IllegalStateException("the loop failed to answer", e.getCause());
    }
  }
}

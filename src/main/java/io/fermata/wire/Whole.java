package io.fermata.wire;

import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A limit on an answer as a whole. The time-out of an {@link java.net.http.HttpRequest} ends with
 * the answer's head (up to JDK 25): a peer that goes dark between head and body, as one does whose
 * host loses its power, would be waited for until the end of time.
 */
public final class Whole {
  private Whole() {}

  /**
   * That exchange, and no longer than this; what goes on afterwards is dropped with its connection.
   *
   * @param exchange as the client gave it out
   * @return what ends with {@link HttpTimeoutException} where the exchange has not ended by then
   */
  public static <T> CompletableFuture<T> within(Duration limit, CompletableFuture<T> exchange) {
    return exchange
        .copy()
        .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionallyCompose(fault -> {
          if (fault instanceof TimeoutException) {
            exchange.cancel(true);
            return CompletableFuture.failedFuture(
                new HttpTimeoutException("no whole answer within " + limit.toMillis() + " ms"));
          }
          return CompletableFuture.failedFuture(
              fault instanceof CompletionException && fault.getCause() != null
                  ? fault.getCause()
                  : fault);
        });
  }
}

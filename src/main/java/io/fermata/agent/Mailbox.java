package io.fermata.agent;

import io.fermata.handover.Claims;
import io.fermata.handover.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the agent's loop. What comes from outside is refused when too much waits. What the
 * agent's own threads report is never refused and never made to wait: a stream that waited here
 * while the loop waits for that stream would be a standstill, and there is no more of it than there
 * are devices at work.
 */
final class Mailbox {
  private final BlockingQueue<Item> items = new LinkedBlockingQueue<>();
  private final int limit;

  Mailbox(int limit) {
    this.limit = limit;
  }

  /** Something for the loop. */
  sealed interface Item {
    /** Something happened. */
    record Happened(Event event) implements Item {}

    /** Somebody wants to look; answered between two turns. */
    record Looked(Runnable look) implements Item {}
  }

  /** Takes what one of the agent's own threads reports. */
  void post(Event event) {
    items.add(new Item.Happened(event));
  }

  /** Takes what comes from outside; false when too much waits. */
  boolean offer(Event event) {
    return items.size() < limit && items.add(new Item.Happened(event));
  }

  /** Ends a wait for what comes. */
  void wake() {
    items.add(new Item.Looked(() -> {}));
  }

  /** Reads the claims on the loop's thread, when everything in them is on disk. */
  <T> CompletableFuture<T> ask(Claims claims, Function<Claims, T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    items.add(
        new Item.Looked(() -> answer.completeAsync(() -> question.apply(claims), Runnable::run)));
    return answer;
  }

  /** Everything that waits, after waiting for the first for at most so long. */
  List<Item> take(long nanos) throws InterruptedException {
    List<Item> taken = new ArrayList<>();
    @Nullable Item first = items.poll(nanos, TimeUnit.NANOSECONDS);
    if (first != null) {
      taken.add(first);
      items.drainTo(taken);
    }
    return taken;
  }
}

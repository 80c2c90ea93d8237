package io.fermata.webhook;

import io.fermata.journal.Entry;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalFault;
import io.fermata.journal.VersionConflict;
import io.fermata.webhook.Papers.Versioned;
import java.net.URI;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers one subscription's events in order, on a thread of its own: the next one only when the
 * one before was taken or given up. What was delivered is written down after it; a process that
 * dies in between delivers it again.
 */
final class Courier implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Courier.class);
  private static final int BATCH = 100;
  private static final long IDLE_MILLIS = 5_000;
  private static final int DOUBLINGS = 20;

  /** What couriers share. */
  record Office(
      Journal journal,
      Papers papers,
      Egress egress,
      Delivery delivery,
      WebhookSettings settings,
      InstantSource time,
      Consumer<Outcome> count) {}

  /** How one attempt ended. */
  enum Outcome {
    DELIVERED,
    FAILED,
    DEAD
  }

  private final Office office;
  private final Supplier<Optional<Subscription>> subscription;
  private final String id;
  private final BlockingQueue<Boolean> news = new LinkedBlockingQueue<>(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile boolean ended;
  private boolean failing;
  private volatile @Nullable Long waitingSince;

  Courier(Office office, String id, Supplier<Optional<Subscription>> subscription) {
    this.office = office;
    this.id = id;
    this.subscription = subscription;
  }

  /** There may be something to deliver. */
  void wake() {
    var _ = news.offer(true);
  }

  void end() {
    ended = true;
    over.countDown();
    wake();
  }

  /** When the oldest event that still has to be delivered was written, or null. */
  @Nullable Long waitingSince() {
    return waitingSince;
  }

  @Override
  public void run() {
    try {
      while (!ended) {
        long pause = rounds();
        if (failing) {
          // What is new is no reason to try sooner what failed.
          over.await(pause, TimeUnit.MILLISECONDS);
        } else {
          news.poll(pause, TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Delivers what there is; the pause until there is reason to look again. */
  private long rounds() {
    try {
      Optional<Versioned<Standing>> known = office.papers.standing(id);
      Optional<Subscription> wanted = subscription.get();
      if (known.isEmpty() || wanted.isEmpty()) {
        return IDLE_MILLIS;
      }
      return round(wanted.get(), known.get());
    } catch (JournalFault | VersionConflict notNow) {
      LOG.warn("webhook {}: {}", id, notNow.getMessage());
      failing = false;
      return office.settings.retryFirst().toMillis();
    }
  }

  private long round(Subscription wanted, Versioned<Standing> known) {
    Standing at = known.value();
    long version = known.version();
    List<Entry> batch = office.journal.entriesAfter(at.cursor(), BATCH);
    long skipped = at.cursor();
    for (Entry entry : batch) {
      if (ended) {
        return 0;
      }
      CloudEvent event = CloudEvent.of(entry, office.settings);
      if (!wanted.wants(event.type())) {
        skipped = entry.seq();
        continue;
      }
      waitingSince = entry.timeMillis();
      Standing next = attempt(wanted, event, entry, at, version);
      version++;
      failing = next.cursor() < entry.seq();
      if (failing) {
        return pause(next.failures());
      }
      at = next;
      skipped = entry.seq();
    }
    if (skipped > at.cursor()) {
      office.papers.replace(id, at.passed(skipped), version);
    }
    waitingSince = null;
    return batch.size() < BATCH ? IDLE_MILLIS : 0;
  }

  private Standing attempt(
      Subscription wanted, CloudEvent event, Entry entry, Standing at, long version) {
    // A secret may have changed since the batch was read.
    String error = send(subscription.get().orElse(wanted), event);
    long now = office.time.millis();
    if (error == null) {
      office.count.accept(Outcome.DELIVERED);
      Standing next = at.delivered(entry.seq());
      office.papers.replace(id, next, version);
      return next;
    }
    office.count.accept(Outcome.FAILED);
    LOG.warn("webhook {} to {}: event {} {}", id, wanted.url(), event.id(), error);
    Standing failed = at.failed(error, now);
    long since = failed.failingSince() == null ? now : failed.failingSince();
    if (now - since < office.settings.giveUp().toMillis()) {
      office.papers.replace(id, failed, version);
      return failed;
    }
    office.count.accept(Outcome.DEAD);
    Standing past = failed.givenUp(entry.seq());
    var letter = new DeadLetter(id, entry.seq(), event.type(), error, now);
    if (office.papers.dead(id).size() < office.settings.deadMax()) {
      office.papers.bury(letter, past, version);
    } else {
      LOG.error("webhook {}: no room for one more dead letter: {}", id, letter);
      office.papers.replace(id, past, version);
    }
    return past;
  }

  /** Null if it was taken, else why not. */
  @Nullable String send(Subscription wanted, CloudEvent event) {
    try {
      URI url = office.egress.allowed(wanted.url());
      byte[] body = event.bytes();
      long seconds = office.time.instant().getEpochSecond();
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put("Content-Type", CloudEvent.MEDIA_TYPE);
      headers.put("User-Agent", "fermata");
      headers.put(Signature.HEADER, Signature.of(wanted.secrets(), seconds, body));
      office.delivery.post(url, office.egress.pinned(url), headers, body);
      return null;
    } catch (Delivery.Failed | IllegalArgumentException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private long pause(int failures) {
    long first = office.settings.retryFirst().toMillis();
    long doubled = first << Math.clamp(failures - 1, 0, DOUBLINGS);
    return Math.min(doubled, office.settings.retryMax().toMillis());
  }
}

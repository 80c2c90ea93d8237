package io.fermata.webhook;

import io.fermata.journal.Entry;
import io.fermata.journal.Journal;
import io.fermata.journal.VersionConflict;
import io.fermata.metrics.Gauges;
import io.fermata.metrics.Instruments;
import io.fermata.webhook.Papers.Versioned;
import io.prometheus.metrics.core.metrics.Counter;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Who is subscribed, and the couriers that deliver. */
public final class Webhooks implements AutoCloseable {
  private static final String OLDEST = "fermata_webhook_oldest_undelivered_seconds";
  private static final int SECRET_BYTES = 32;

  private final WebhookSettings settings;
  private final Journal journal;
  private final Papers papers;
  private final Egress egress;
  private final InstantSource time;
  private final RandomGenerator random;
  private final Courier.Office office;
  private final Map<String, Courier> couriers = new ConcurrentHashMap<>();

  public Webhooks(
      WebhookSettings settings,
      Journal journal,
      InstantSource time,
      RandomGenerator random,
      Instruments instruments) {
    this.settings = settings;
    this.journal = journal;
    this.time = time;
    this.random = random;
    this.papers = new Papers(journal);
    this.egress = new Egress(settings);
    Counter deliveries =
        instruments.counter(
            "fermata_webhook_deliveries_total", "Attempts to deliver an event.", "outcome");
    for (Courier.Outcome outcome : Courier.Outcome.values()) {
      deliveries.initLabelValues(Instruments.label(outcome));
    }
    instruments.read(
        new Gauges(readings -> readings.put(OLDEST, oldestSeconds()))
            .gauge(OLDEST, "Age of the oldest event that some subscriber has not taken."));
    var delivery = new Delivery(Math.toIntExact(settings.timeout().toMillis()));
    this.office =
        new Courier.Office(
            journal,
            papers,
            egress,
            delivery,
            settings,
            time,
            outcome -> deliveries.labelValues(Instruments.label(outcome)).inc());
  }

  /** A subscription, how far it is, and what was given up. */
  public record Listed(Subscription subscription, Standing standing, List<DeadLetter> dead) {}

  /** The configuration names no place that may be sent to. */
  public boolean off() {
    return egress.closed();
  }

  /** Starts delivering to everybody who is subscribed. */
  public void start() {
    journal.onCommit(this::committed);
    papers.subscriptions().forEach(known -> employ(known.value().id()));
  }

  private void committed(List<Entry> entries) {
    couriers.values().forEach(Courier::wake);
  }

  private void employ(String id) {
    var courier = new Courier(office, id, () -> find(id).map(Versioned::value));
    if (couriers.putIfAbsent(id, courier) == null) {
      Thread.ofVirtual().name("webhook-" + id).start(courier);
    }
  }

  private Optional<Versioned<Subscription>> find(String id) {
    return papers.subscriptions().stream().filter(s -> s.value().id().equals(id)).findFirst();
  }

  /**
   * Subscribes; events from now on are delivered.
   *
   * @param secret of the caller's choice, or null for one of ours
   * @throws IllegalArgumentException if the address is not allowed
   * @throws IllegalStateException if there are too many
   */
  public Subscription subscribe(
      String url, List<String> types, @Nullable String secret, String actor) {
    egress.allowed(url);
    if (papers.subscriptions().size() >= settings.subscriptionsMax()) {
      throw new IllegalStateException(
          "there are " + settings.subscriptionsMax() + " (fermata.webhooks.subscriptions-max)");
    }
    String id = HexFormat.of().toHexDigits(random.nextLong());
    String first = Objects.requireNonNullElseGet(secret, this::secret);
    var made = new Subscription(id, url, types, List.of(first), actor, time.millis());
    papers.create(made, new Standing(journal.lastSeq(), 0, null, null, 0, 0));
    employ(id);
    return made;
  }

  /** Checks an address without subscribing. */
  public void check(String url) {
    egress.allowed(url);
  }

  private String secret() {
    byte[] bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** All of them, oldest first by id. */
  public List<Listed> list() {
    return papers.subscriptions().stream().map(known -> listed(known.value())).toList();
  }

  /** One of them. */
  public Optional<Listed> show(String id) {
    return find(id).map(known -> listed(known.value()));
  }

  private Listed listed(Subscription subscription) {
    Standing standing =
        papers
            .standing(subscription.id())
            .map(Versioned::value)
            .orElseGet(() -> new Standing(0, 0, null, null, 0, 0));
    return new Listed(subscription, standing, papers.dead(subscription.id()));
  }

  /** A new secret beside the newest old one; empty if there is no such subscription. */
  public Optional<Subscription> rotate(String id) {
    return find(id)
        .map(known -> {
          Subscription changed = known.value().rotated(secret());
          papers.replace(changed, known.version());
          return changed;
        });
  }

  /** Ends it and forgets its letters; false if there is none. */
  public boolean end(String id) {
    if (find(id).isEmpty()) {
      return false;
    }
    Courier courier = couriers.remove(id);
    if (courier != null) {
      courier.end();
    }
    papers.delete(id);
    return true;
  }

  /** Delivers everything after that seq once more; false if there is no such subscription. */
  public boolean redeliver(String id, long afterSeq) {
    return repeated(() -> restanding(id, standing -> standing.from(afterSeq)));
  }

  /** Sends the dead letters once more, now; those that are taken are forgotten. How many were. */
  public int revive(String id) {
    Subscription wanted = find(id).map(Versioned::value).orElseThrow();
    var courier = new Courier(office, id, () -> Optional.of(wanted));
    int taken = 0;
    for (DeadLetter letter : papers.dead(id)) {
      List<Entry> entries = journal.entriesAfter(letter.seq() - 1, 1);
      boolean there = !entries.isEmpty() && entries.getFirst().seq() == letter.seq();
      if (!there || courier.send(wanted, CloudEvent.of(entries.getFirst(), settings)) == null) {
        papers.unbury(letter);
        taken++;
      }
    }
    return taken;
  }

  private boolean restanding(String id, Function<Standing, Standing> change) {
    Optional<Versioned<Standing>> known = papers.standing(id);
    if (known.isEmpty()) {
      return false;
    }
    papers.replace(id, change.apply(known.get().value()), known.get().version());
    Courier courier = couriers.get(id);
    if (courier != null) {
      courier.wake();
    }
    return true;
  }

  /** The courier writes the standing too: whoever loses that race looks again. */
  private static boolean repeated(BooleanSupplier change) {
    VersionConflict last = null;
    for (int i = 0; i < 20; i++) {
      try {
        return change.getAsBoolean();
      } catch (VersionConflict lost) {
        last = lost;
      }
    }
    throw new IllegalStateException("the standing changes all the time", last);
  }

  private double oldestSeconds() {
    long now = time.millis();
    return couriers.values().stream()
        .map(Courier::waitingSince)
        .filter(Objects::nonNull)
        .mapToDouble(since -> Math.max(0, now - since) / 1000.0)
        .max()
        .orElse(0);
  }

  @Override
  public void close() {
    couriers.values().forEach(Courier::end);
  }
}

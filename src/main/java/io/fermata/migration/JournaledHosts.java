package io.fermata.migration;

import io.fermata.fleet.FleetSettings;
import io.fermata.fleet.HostMarks;
import io.fermata.handover.HostName;
import io.fermata.journal.Document;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalFault;
import io.fermata.journal.NewEntry;
import io.fermata.journal.VersionConflict;
import io.fermata.migration.Traffic.Held;
import io.fermata.migration.Traffic.Written;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The marks of hosts as the journal has them: a document for each host, and an entry for each
 * change. What another orchestrator wrote is read once a second, beside the loop, which never waits
 * for a database.
 */
public final class JournaledHosts implements HostOrders, AutoCloseable {
  private static final String KIND = "host";
  private static final String ENTERED = "host.entered";
  private static final String RETIRED = "host.retired";
  private static final Duration RELOAD = Duration.ofSeconds(1);

  private final Shelf shelf;
  private final Consumer<Map<HostName, HostMarks>> known;
  private final Map<HostName, HostMarks> marks = new TreeMap<>();
  private final ScheduledExecutorService reader =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("host-marks").unstarted(task));

  /** A document's content; its version is the document's. */
  private record Content(
      HostMarks.@Nullable Mark cordon,
      HostMarks.@Nullable Mark quarantine,
      HostMarks.@Nullable Place place) {
    static Content of(HostMarks marks) {
      return new Content(marks.cordon(), marks.quarantine(), marks.place());
    }

    HostMarks marks(long version) {
      return new HostMarks(cordon, quarantine, place, version);
    }
  }

  /** What the history keeps of a host that was entered or retired. */
  private record Entered(HostMarks.Mark by, FleetSettings.@Nullable Host host) {}

  /**
   * @param known is told everything that holds, after each change
   */
  public JournaledHosts(Journal journal, Consumer<Map<HostName, HostMarks>> known) {
    this.shelf = new Shelf(journal, KIND);
    this.known = known;
  }

  /** Every type of entry that is written here. */
  static Stream<String> types() {
    return Stream.concat(
        Stream.of(ENTERED, RETIRED), Stream.of(Order.values()).map(JournaledHosts::type));
  }

  private static String type(Order order) {
    return "host." + order.name().toLowerCase(Locale.ROOT);
  }

  /** What the journal has of them now; nothing, where it cannot be read. */
  static Map<HostName, HostMarks> read(Journal journal) {
    Map<HostName, HostMarks> read = new TreeMap<>();
    new JournaledHosts(journal, read::putAll).reload();
    return read;
  }

  /** Reads them once, and from then on again and again. */
  public void start() {
    reload();
    long period = RELOAD.toMillis();
    var _ = reader.scheduleWithFixedDelay(this::reload, period, period, TimeUnit.MILLISECONDS);
  }

  private void reload() {
    try {
      List<Document> read = shelf.read();
      read.forEach(this::written);
    } catch (JournalFault down) {
      // what was known stays; whoever writes learns of the fault
    }
  }

  private synchronized void written(Document document) {
    HostName host = new HostName(document.id());
    if (marks(host).version() < document.version()) {
      shelf.written(document);
      Content content = MigrationJson.read(document.data(), Content.class);
      marks.put(host, content.marks(document.version()));
      known.accept(Map.copyOf(marks));
    }
  }

  @Override
  public synchronized HostMarks marks(HostName host) {
    return marks.getOrDefault(host, HostMarks.NONE);
  }

  @Override
  public CompletableFuture<Written<HostMarks>> say(
      HostName host, Order order, HostMarks.Mark by, long version) {
    HostMarks now = marks(host);
    HostMarks to =
        switch (order) {
          case CORDONED -> now.cordoned(by);
          case UNCORDONED -> now.cordoned(null);
          case QUARANTINED -> now.quarantined(by);
          case UNQUARANTINED -> now.quarantined(null);
        };
    return write(host, to, type(order), by, by, version);
  }

  @Override
  public CompletableFuture<Written<HostMarks>> place(
      HostName host, HostMarks.Place place, HostMarks.Mark by, long version) {
    String type = place.host() == null ? RETIRED : ENTERED;
    var told = new Entered(by, place.host());
    return write(host, marks(host).placed(place), type, told, by, version);
  }

  private CompletableFuture<Written<HostMarks>> write(
      HostName host, HostMarks to, String type, Object told, HostMarks.Mark by, long version) {
    if (to.version() != version) {
      return CompletableFuture.completedFuture(new Written.Outdated<>(to.version()));
    }
    var entry = new NewEntry(type, host.value(), by.actor(), MigrationJson.write(told));
    return shelf
        .put(host.value(), version, Content.of(to), entry)
        .handle((row, fault) -> became(host, row, fault));
  }

  private Written<HostMarks> became(
      HostName host, @Nullable Document row, @Nullable Throwable fault) {
    if (row != null) {
      written(row);
      return new Written.Done<>(new Held<>(marks(host), row.version()));
    }
    Throwable cause = fault instanceof CompletionException e ? e.getCause() : fault;
    return cause instanceof VersionConflict conflict
        ? new Written.Outdated<>(conflict.found())
        : new Written.Unavailable<>(String.valueOf(cause == null ? null : cause.getMessage()));
  }

  @Override
  public void close() {
    reader.shutdownNow();
  }
}

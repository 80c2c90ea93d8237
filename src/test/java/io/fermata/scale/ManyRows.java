package io.fermata.scale;

import io.fermata.journal.Change;
import io.fermata.journal.Entry;
import io.fermata.journal.Journal;
import io.fermata.journal.JournalSettings;
import io.fermata.journal.JournalTime;
import io.fermata.journal.NewEntry;
import io.fermata.journal.Row;
import io.fermata.journal.RowWrite;
import io.fermata.journal.SqliteJournal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A journal with any number of finished migrations, written by the journal itself. All of them are
 * copies of one that really ran, with other names, times and outcomes.
 */
final class ManyRows {
  static final int HOSTS = 200;
  static final int MACHINES = 1_000;
  private static final String LETTERS = "0123456789abcdefghjkmnpqrstvwxyz";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ManyRows() {}

  private static Journal open(Path journal) {
    var settings = new JournalSettings(journal, 1_000_000, 2, Duration.ofDays(1));
    return SqliteJournal.open(
        settings, new JournalTime(InstantSource.system(), System::nanoTime), nanos -> {});
  }

  /** One that ran, and what the journal kept of it. */
  record Model(Row row, List<Entry> entries) {
    static Model of(Path journal, String id) {
      try (Journal from = open(journal)) {
        return new Model(from.row(id).orElseThrow(), from.entriesOf(id, 0, 1_000));
      }
    }
  }

  /** Writes that many into a new journal; the rows come back in the order of the list. */
  static List<Row> write(Path journal, Model model, int count, long newestMillis) {
    var random = new SplittableRandom(1);
    List<Row> rows = new ArrayList<>();
    try (Journal to = open(journal)) {
      CompletableFuture<?> last = CompletableFuture.completedFuture(null);
      for (int i = 0; i < count; i++) {
        // three of one millisecond: a page may end between them
        long created = newestMillis - (count - i) / 3 * 1_000L;
        Row row = row(model.row(), random, created);
        last = to.append(new Change(entries(model, row.id()), new RowWrite(row, 0), null));
        rows.add(row);
      }
      last.join();
    }
    rows.sort(Comparator.comparingLong(Row::createdMillis).thenComparing(Row::id).reversed());
    return rows;
  }

  /** Its first and its last. */
  private static List<NewEntry> entries(Model model, String id) {
    List<Entry> all = model.entries();
    return List.of(all.getFirst(), all.getLast()).stream()
        .map(e -> new NewEntry(e.type(), id, e.actor(), e.data()))
        .toList();
  }

  private static Row row(Row model, SplittableRandom random, long created) {
    String id = word(random);
    String vm = "vm-" + random.nextInt(MACHINES);
    int source = random.nextInt(HOSTS);
    int destination = (source + 1 + random.nextInt(HOSTS - 1)) % HOSTS;
    int chance = random.nextInt(1_000);
    String outcome =
        chance < 2
            ? "FAILED"
            : chance < 10 ? "CANCELLED" : chance < 40 ? "ROLLED_BACK" : "SUCCEEDED";
    ObjectNode data = (ObjectNode) JSON.readTree(model.data());
    data.put("id", id).put("outcome", outcome);
    data.put("created", created).put("phaseSince", created + 5_000);
    ((ObjectNode) data.get("order"))
        .put("vm", vm)
        .put("source", Layout.host(source))
        .put("destination", Layout.host(destination));
    return new Row(
        id,
        vm,
        Layout.host(source),
        Layout.host(destination),
        model.phase(),
        outcome,
        model.owner(),
        model.epoch(),
        1,
        created,
        created + 5_000,
        JSON.writeValueAsString((JsonNode) data));
  }

  private static String word(SplittableRandom random) {
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < 16; i++) {
      word.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return word.toString();
  }
}

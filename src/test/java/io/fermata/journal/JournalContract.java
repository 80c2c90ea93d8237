package io.fermata.journal;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every journal does, whatever it stands on. */
abstract class JournalContract {
  static final Duration RETENTION = Duration.ofDays(7);

  final AtomicLong nowMillis = new AtomicLong(1_000_000_000_000L);
  Journal journal;

  /** Opens the journal of this test, the first time or again after {@link Journal#close}. */
  abstract Journal openAgain();

  final Instant now() {
    return Instant.ofEpochMilli(nowMillis.get());
  }

  @BeforeEach
  void openJournal() {
    journal = openAgain();
  }

  @AfterEach
  void closeJournal() {
    journal.close();
  }

  @Test
  void entriesGetConsecutiveSeqsAndTheTimeOfTheJournal() {
    Committed first = journal.append(Change.of(entry("a", "m1"), entry("b", "m1"))).join();
    Committed second = journal.append(Change.of(entry("c", "m2"))).join();

    assertEquals(List.of(1L, 2L), seqs(first.entries()));
    assertEquals(List.of(3L), seqs(second.entries()));
    assertEquals(nowMillis.get(), first.entries().getFirst().timeMillis());
    assertEquals(3, journal.lastSeq());
    assertEquals(first.entries(), journal.entriesOf("m1", 0, 10));
    assertEquals(List.of(2L), seqs(journal.entriesOf("m1", 1, 10)));
    assertEquals(List.of(2L, 3L), seqs(journal.entriesAfter(1, 10)));
    assertEquals(List.of(1L, 2L), seqs(journal.entriesAfter(0, 2)));
  }

  @Test
  void auditRecordsAreAChainThatGoesOnAfterAReopening() {
    journal.append(Change.extra(audit(1, "ann", "migrations.abort", "m1"))).join();
    journal
        .append(
            Change.extra(
                audit(2, "bob", "migrations.create", ""), audit(3, "ann", "limits.put", "")))
        .join();
    journal.close();
    journal = openAgain();
    journal.append(Change.extra(audit(4, "ann", "migrations.abort", "m2"))).join();

    String chain = journal.chains().getFirst();
    List<Audited> links = journal.chain(chain, 0, 10);
    assertEquals(List.of(1L, 2L, 3L, 4L), links.stream().map(Audited::number).toList());
    String previous = Audited.genesis(chain);
    for (Audited link : links) {
      assertTrue(link.intact());
      assertEquals(previous, link.previous());
      previous = link.hash();
    }
    assertEquals(links.subList(2, 3), journal.chain(chain, 2, 1));
  }

  @Test
  void auditRecordsAreListedNewestFirstAndPageByPage() {
    for (int i = 1; i <= 5; i++) {
      String who = i % 2 == 0 ? "bob" : "ann";
      journal.append(Change.extra(audit(i, who, "migrations.abort", "m" + i))).join();
    }
    List<Audited> page = journal.audit(AuditFilter.ALL, null, 2);
    assertEquals(List.of(5L, 4L), page.stream().map(a -> a.record().timeMillis()).toList());
    AuditPlace place = AuditPlace.parse(AuditPlace.after(page.getLast()).text());
    page = journal.audit(AuditFilter.ALL, place, 2);
    assertEquals(List.of(3L, 2L), page.stream().map(a -> a.record().timeMillis()).toList());
    var anns = new AuditFilter("ann", "migrations", null, null, 2L, 5L);
    assertEquals(
        List.of("m3"),
        journal.audit(anns, null, 9).stream().map(a -> a.record().subject()).toList());
    assertEquals(
        List.of(), journal.audit(new AuditFilter(null, "migr", null, null, null, null), null, 9));
  }

  @Test
  void documentsAreReplacedUnderAVersionCheckAndARefusedChangeAuditsNothing() {
    journal.append(Change.extra(put("d1", 1), put("d2", 1))).join();
    journal.append(Change.extra(put("d1", 2))).join();
    var late = journal.append(Change.extra(audit(1, "ann", "x.put", "d1"), put("d1", 2)));
    assertInstanceOf(
        VersionConflict.class, assertThrows(CompletionException.class, late::join).getCause());
    assertEquals(List.of(), journal.audit(AuditFilter.ALL, null, 9));
    assertEquals(
        List.of(2L, 1L), journal.documents("kind").stream().map(Document::version).toList());
    journal.append(Change.extra(new Extra.Delete("kind", "d1"))).join();
    assertEquals(List.of("d2"), journal.documents("kind").stream().map(Document::id).toList());
    assertEquals(List.of(), journal.documents("other"));
  }

  private static Extra audit(long millis, String actor, String action, String subject) {
    return new Extra.Audit(new NewAudit(millis, actor, action, subject, "done", "{}"));
  }

  private static Extra put(String id, long version) {
    return new Extra.Put(new Document("kind", id, version, "{}"), version - 1);
  }

  @Test
  void entriesAreFoundByTheStartOfTheirType() {
    journal
        .append(Change.of(entry("gate.1", "m"), entry("gäte.2", "m"), entry("phase", "m")))
        .join();

    assertEquals(List.of(1L), seqs(journal.entriesAfter(0, 10, "gate.")));
    assertEquals(List.of(2L), seqs(journal.entriesAfter(0, 10, "gäte")));
    assertEquals(List.of(), journal.entriesAfter(0, 10, "%"));
  }

  @Test
  void everythingIsThereAfterReopeningAndSeqsGoOn() {
    Row row = row("m1", 0);
    journal.append(change(row, new Idempotency("k", "h", "answer", nowMillis.get()))).join();
    journal.close();
    journal = openAgain();

    assertEquals(List.of(row), journal.open());
    assertEquals("answer", journal.idempotency("k").orElseThrow().answer());
    assertEquals(List.of(2L), seqs(journal.append(Change.of(entry("b", "m1"))).join().entries()));
  }

  @Test
  void aRowIsReplacedOnlyUnderItsVersionAndKeepsItsBirth() {
    Row first = row("m1", 5);
    journal.append(change(first)).join();
    Row second = next(first, "FREEZING", null);
    journal.append(change(second)).join();

    assertEquals(second, journal.row("m1").orElseThrow());
    Row reborn =
        new Row("m1", "vm", "a", "b", "DONE", "SUCCEEDED", "me", 1, 3, 99, 100, "{\"x\":\"ü😀\"}");
    journal.append(change(reborn)).join();
    Row stored = journal.row("m1").orElseThrow();
    assertEquals(5, stored.createdMillis());
    assertEquals(100, stored.updatedMillis());
    assertEquals("{\"x\":\"ü😀\"}", stored.data());
  }

  @Test
  void aLostRaceIsAVersionConflictAndLeavesNothing() {
    Row first = row("m1", 0);
    journal.append(change(first)).join();
    journal.append(change(next(first, "FREEZING", null))).join();

    Row stale = next(first, "COPYING", null);
    Idempotency key = new Idempotency("k", "h", "a", nowMillis.get());
    VersionConflict lost = refused(VersionConflict.class, change(stale, key));
    assertEquals(1, lost.expected());
    assertEquals(2, lost.found());
    assertEquals("FREEZING", journal.row("m1").orElseThrow().phase());
    assertTrue(journal.idempotency("k").isEmpty());
    assertEquals(2, journal.lastSeq());

    assertEquals(2, refused(VersionConflict.class, change(row("m1", 0))).found());
    Row ghost = next(row("ghost", 0), "COPYING", null);
    assertEquals(0, refused(VersionConflict.class, change(ghost)).found());
  }

  @Test
  void aKeyIsTakenOnceAndShowsItsAnswerBeforeAnyConflict() {
    Idempotency key = new Idempotency("k", "hash", "the answer", nowMillis.get());
    journal.append(change(row("m1", 0), key)).join();

    KeyTaken taken = refused(KeyTaken.class, change(row("m1", 0), key));
    assertEquals(key, taken.stored());
    assertEquals(1, journal.lastSeq());
    assertEquals(1, journal.list(RowFilter.ALL, null, 10).size());
  }

  @Test
  void keysAreForgottenAfterTheirRetention() {
    journal.append(change(row("m1", 0), new Idempotency("old", "h", "a", nowMillis.get()))).join();
    nowMillis.addAndGet(RETENTION.minusMinutes(1).toMillis());
    journal
        .append(change(row("m2", 0), new Idempotency("young", "h", "a", nowMillis.get())))
        .join();
    assertTrue(journal.idempotency("old").isPresent());

    nowMillis.addAndGet(Duration.ofHours(1).toMillis());
    await()
        .until(() -> {
          journal.append(Change.of(entry("tick", "t"))).join();
          return journal.idempotency("old").isEmpty();
        });
    assertTrue(journal.idempotency("young").isPresent());
  }

  @Test
  void rowsAreFoundByTheStartOfTheirId() {
    for (String id : List.of("7q2k", "7q31", "7Q2k", "7q", "8a", "7_x", "7~")) {
      journal.append(change(row(id, 0))).join();
    }
    assertEquals(List.of("7q", "7q2k", "7q31"), ids(journal.rowsByPrefix("7q", 10)));
    assertEquals(List.of("7q", "7q2k"), ids(journal.rowsByPrefix("7q", 2)));
    assertEquals(List.of("7_x"), ids(journal.rowsByPrefix("7_", 10)));
    assertEquals(List.of(), journal.rowsByPrefix("7%", 10));
    assertEquals(7, journal.rowsByPrefix("", 10).size());
  }

  @Test
  void pagesDoNotShiftWhileRowsAreInserted() {
    for (int i = 0; i < 25; i++) {
      journal.append(change(row("old%02d".formatted(i), 100 + i / 3))).join();
    }
    List<String> seen = new ArrayList<>();
    String cursor = null;
    while (true) {
      List<Row> page = journal.list(RowFilter.ALL, cursor, 4);
      if (page.isEmpty()) {
        break;
      }
      seen.addAll(ids(page));
      cursor = Cursor.after(page.getLast()).text();
      journal.append(change(row("new%02d".formatted(seen.size()), 1_000))).join();
    }
    List<String> expected = new ArrayList<>();
    for (int i = 24; i >= 0; i--) {
      expected.add("old%02d".formatted(i));
    }
    assertEquals(expected, seen);
  }

  @ParameterizedTest
  @ValueSource(strings = {"!", "", "aGVsbG8", "eC5tMQ"})
  void whatIsNoCursorIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> journal.list(RowFilter.ALL, text, 10));
  }

  @Test
  void listsAreFilteredByEveryField() {
    journal.append(change(full("m1", "vm1", "a", "b", "COPYING", null, 10))).join();
    journal.append(change(full("m2", "vm1", "b", "c", "DONE", "SUCCEEDED", 20))).join();
    journal.append(change(full("m3", "vm2", "c", "a", "DONE", "FAILED", 30))).join();

    assertEquals(List.of("m3", "m2", "m1"), listed(RowFilter.ALL));
    assertEquals(List.of("m2", "m1"), listed(new RowFilter("vm1", null, null, null, null, null)));
    assertEquals(List.of("m3", "m1"), listed(new RowFilter(null, "a", null, null, null, null)));
    assertEquals(List.of("m3", "m2"), listed(new RowFilter(null, null, "DONE", null, null, null)));
    assertEquals(List.of("m1"), listed(new RowFilter(null, null, "active", null, null, null)));
    assertEquals(List.of("m3"), listed(new RowFilter(null, null, null, "FAILED", null, null)));
    assertEquals(List.of("m2"), listed(new RowFilter(null, null, null, null, 20L, 30L)));
    assertEquals(List.of(), listed(new RowFilter("vm2", "b", null, null, null, null)));
    assertEquals(List.of("m1"), ids(journal.open()));
  }

  @Test
  void everyPageOfEveryFilterShowsWhatMatchesInItsOrder() {
    List<Row> all = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      boolean open = i % 7 == 0;
      String outcome = open ? null : List.of("SUCCEEDED", "FAILED").get(i % 5 == 0 ? 1 : 0);
      String source = List.of("a", "b", "c").get(i % 3);
      String destination = List.of("b", "c", "a", "b").get(i % 4); // some are the source too
      String phase = open ? "COPYING" : "DONE";
      all.add(full("m%03d".formatted(i), "vm" + i % 4, source, destination, phase, outcome, i / 3));
      journal.append(change(all.getLast())).join();
    }
    all.sort(Comparator.comparingLong(Row::createdMillis).thenComparing(Row::id).reversed());

    for (String vm : some("vm1")) {
      for (String host : some("a")) {
        for (String phase : some("active", "COPYING", "DONE")) {
          for (String outcome : some("SUCCEEDED", "FAILED")) {
            requireEveryPage(all, new RowFilter(vm, host, phase, outcome, null, null));
            requireEveryPage(all, new RowFilter(vm, host, phase, outcome, 5L, 30L));
          }
        }
      }
    }
  }

  private static List<String> some(String... values) {
    List<String> some = new ArrayList<>(List.of(values));
    some.add(null);
    return some;
  }

  private void requireEveryPage(List<Row> all, RowFilter filter) {
    List<String> shown = new ArrayList<>();
    String cursor = null;
    for (List<Row> page = journal.list(filter, null, 7);
        !page.isEmpty();
        page = journal.list(filter, cursor, 7)) {
      shown.addAll(ids(page));
      cursor = Cursor.after(page.getLast()).text();
    }
    assertEquals(ids(all.stream().filter(filter::matches).toList()), shown, filter::toString);
  }

  @Test
  void hostsArePutAndDeletedUnderAVersionCheck() {
    journal.append(hosts(put("b", "{}", 0), put("a", "{}", 0))).join();
    journal.append(hosts(put("a", "{\"cordon\":true}", 1))).join();
    assertEquals(
        List.of(new HostRow("a", "{\"cordon\":true}", 2), new HostRow("b", "{}", 1)),
        journal.hosts());

    refused(VersionConflict.class, hosts(put("a", "{}", 0)));
    refused(VersionConflict.class, hosts(new HostWrite.Delete("a", 1)));
    refused(VersionConflict.class, hosts(put("c", "{}", 0), new HostWrite.Delete("ghost", 1)));
    journal.append(hosts(new HostWrite.Delete("b", 1))).join();
    assertEquals(List.of("a"), journal.hosts().stream().map(HostRow::name).toList());
  }

  @Test
  void listenersHearEveryEntryOnceAndInOrder() {
    List<Entry> heard = new CopyOnWriteArrayList<>();
    journal.onCommit(heard::addAll);
    journal.append(change(row("m1", 0))).join();
    refused(VersionConflict.class, change(row("m1", 0)));
    journal.append(Change.of(entry("x", "m1"), entry("y", "m1"))).join();

    await().until(() -> heard.size() == 3);
    assertEquals(journal.entriesAfter(0, 10), heard);
  }

  @Test
  void aClosedJournalTakesNothing() {
    journal.close();
    JournalFault fault = refused(JournalFault.class, Change.of(entry("late", "m")));
    assertEquals(JournalFault.Code.CLOSED, fault.code());
  }

  @Test
  void rowsWithoutATellableIdOrVersionCannotBeMade() {
    assertThrows(IllegalArgumentException.class, () -> row("", 0));
    assertThrows(IllegalArgumentException.class, () -> row("mé", 0));
    assertThrows(IllegalArgumentException.class, () -> new RowWrite(row("m", 0), 1));
    assertThrows(IllegalArgumentException.class, () -> put("a", "{}", -1));
  }

  private <E extends Throwable> E refused(Class<E> kind, Change change) {
    var e = assertThrows(CompletionException.class, () -> journal.append(change).join());
    return assertInstanceOf(kind, e.getCause());
  }

  private List<String> listed(RowFilter filter) {
    return ids(journal.list(filter, null, 10));
  }

  static List<Long> seqs(List<Entry> entries) {
    return entries.stream().map(Entry::seq).toList();
  }

  static List<String> ids(List<Row> rows) {
    return rows.stream().map(Row::id).toList();
  }

  static NewEntry entry(String type, String subject) {
    return new NewEntry(type, subject, "test", "{}");
  }

  static Row row(String id, long createdMillis) {
    return full(id, "vm", "a", "b", "QUEUED", null, createdMillis);
  }

  static Row full(
      String id,
      String vm,
      String source,
      String destination,
      String phase,
      String outcome,
      long createdMillis) {
    return new Row(
        id,
        vm,
        source,
        destination,
        phase,
        outcome,
        "me",
        1,
        1,
        createdMillis,
        createdMillis,
        "{}");
  }

  static Row next(Row row, String phase, String outcome) {
    return new Row(
        row.id(),
        row.vm(),
        row.source(),
        row.destination(),
        phase,
        outcome,
        row.owner(),
        row.epoch(),
        row.version() + 1,
        row.createdMillis(),
        row.updatedMillis() + 1,
        row.data());
  }

  static Change change(Row row) {
    return change(row, null);
  }

  static Change change(Row row, Idempotency key) {
    return new Change(List.of(entry("phase", row.id())), new RowWrite(row, row.version() - 1), key);
  }

  static Change hosts(HostWrite... writes) {
    return new Change(List.of(), null, null, List.of(writes));
  }

  static HostWrite put(String name, String data, long expectedVersion) {
    return new HostWrite.Put(new HostRow(name, data, expectedVersion + 1), expectedVersion);
  }
}

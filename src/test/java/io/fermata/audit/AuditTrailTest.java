package io.fermata.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.journal.Journal;
import io.fermata.journal.JournalSettings;
import io.fermata.journal.JournalTime;
import io.fermata.journal.SqliteJournal;
import io.fermata.metrics.Instruments;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever changes what was written, with the database open before him, is found out. */
class AuditTrailTest {
  private static final int DEEDS = 5;

  @TempDir Path directory;
  private Journal journal;
  private AuditTrail trail;

  @BeforeEach
  void fiveDeeds() {
    open();
    for (int i = 1; i <= DEEDS; i++) {
      trail.before(deed(i));
    }
  }

  private void open() {
    var settings = new JournalSettings(directory, 100, 2, Duration.ofDays(1));
    var time = new JournalTime(InstantSource.system(), System::nanoTime);
    journal = SqliteJournal.open(settings, time, nanos -> {});
    var patience =
        new AuditSettings(Duration.ofSeconds(5), Duration.ofMillis(50), 10, Duration.ofMinutes(1));
    trail = new AuditTrail(journal, patience, new Instruments(new PrometheusRegistry()));
  }

  @AfterEach
  void close() {
    journal.close();
  }

  @Test
  void aChainThatNobodyTouchedIsIntactAndGoesOnAfterARestart() {
    Verification before = trail.verify();
    assertTrue(before.intact());
    assertEquals(DEEDS, before.records());
    journal.close();
    open();
    assertEquals(before.chains(), trail.verify().chains());
    trail.before(deed(DEEDS + 1));
    assertTrue(trail.verify().intact());
    assertEquals(DEEDS + 1, trail.verify().records());
  }

  @Test
  void aChangedRecordIsNamed() throws SQLException {
    tamper("update audit set actor = 'somebody else' where number = 3");
    broken(3, "it is not what was written");
  }

  @Test
  void aRecordThatWasTakenOutIsMissed() throws SQLException {
    tamper("delete from audit where number = 2");
    broken(2, "it is missing: record 3 follows");
  }

  @Test
  void aRecordThatWasForgedWithItsHashDoesNotFit() throws SQLException {
    tamper(
        "update audit set (data, hash) = (select data, hash from audit where number = 5)"
            + " where number = 4");
    broken(4, "it is not what was written");
    tamper("delete from audit where number = 4");
    tamper("update audit set number = 4 where number = 5");
    broken(4, "it does not follow on the record before it");
  }

  @Test
  void aClosedStoreIsNoAnswer() {
    journal.close();
    assertThrows(AuditUnavailable.class, () -> trail.before(deed(9)));
    assertThrows(AuditUnavailable.class, () -> trail.verify());
    trail.later(deed(9));
  }

  private void broken(long number, String what) {
    Verification found = trail.verify();
    assertFalse(found.intact());
    Verification.Break broken = found.chains().getFirst().broken();
    assertEquals(new Verification.Break(number, what), broken);
  }

  private void tamper(String sql) throws SQLException {
    String url = "jdbc:sqlite:" + directory.resolve("fermata.db");
    try (var connection = DriverManager.getConnection(url);
        var statement = connection.createStatement()) {
      assertTrue(statement.executeUpdate(sql) > 0);
    }
  }

  private static Deed deed(long millis) {
    var details =
        new Deed.Details(
            "none", "127.0.0.1", "r" + millis, "POST /x", "why", 202, null, 1L, 2L, false);
    return new Deed(millis, "ann", "migrations.abort", "m1", Deed.Decision.DONE, details);
  }
}

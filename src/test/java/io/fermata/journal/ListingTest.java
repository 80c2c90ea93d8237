package io.fermata.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Along which index SQLite reads a page of the list, and that it sorts nothing on the way. */
class ListingTest {
  private static final String INDEX = ".*USING INDEX (\\w+).*";

  @TempDir private Path folder;
  private Connection connection;

  @BeforeEach
  void make() throws SQLException {
    var settings = new JournalSettings(folder, 10, 1, Duration.ofDays(1));
    var time = new JournalTime(InstantSource.system(), System::nanoTime);
    SqliteJournal.open(settings, time, nanos -> {}).close();
    connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("fermata.db"));
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  @Test
  void aPageIsReadAlongTheIndexThatLeavesTheFewest() throws SQLException {
    assertEquals("migration_newest", along(null, null, null, null));
    assertEquals("migration_of_vm", along("vm", "a", "DONE", "FAILED"));
    assertEquals("migration_of_vm", along("vm", null, null, "SUCCEEDED"));
    assertEquals("migration_of_vm", along("vm", null, "active", null));
    assertEquals("migration_of_outcome", along(null, null, null, "FAILED"));
    assertEquals("migration_of_outcome", along(null, null, "DONE", "FAILED"));
    assertEquals("migration_of_phase", along(null, null, "NEEDS_OPERATOR", null));
    String both = "migration_of_source, migration_of_destination";
    assertEquals(both, along(null, "a", null, null));
    assertEquals(both, along(null, "a", "DONE", "SUCCEEDED"));
  }

  /** The indexes of the plan; a sort of everything that matches would be a line of its own. */
  private String along(String vm, String host, String phase, String outcome) throws SQLException {
    var filter = new RowFilter(vm, host, phase, outcome, null, null);
    var listing = new Listing(filter, new Cursor(5, "m"), 10);
    String sql = "explain query plan " + listing.sql();
    List<String> plan = Reads.query(connection, line -> line.getString(4), sql, listing.values());
    if (host == null) {
      assertEquals(1, plan.size(), plan::toString);
    }
    return plan.stream()
        .filter(line -> line.matches(INDEX))
        .map(line -> line.replaceFirst(INDEX, "$1"))
        .collect(Collectors.joining(", "));
  }
}

package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.journal.PostgresSettings;
import io.fermata.migration.MigrationSettings.DryRunSettings;
import io.fermata.migration.MigrationSettings.JournalPlace;
import io.fermata.migration.MigrationSettings.ReplicaPlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The first and the last value that each setting takes, and what those beside them are told. */
class SettingsTest {
  @TempDir Path folder;

  private static void refused(String words, Executable making) {
    String told = assertThrows(IllegalArgumentException.class, making).getMessage();
    assertTrue(told.contains(words), told);
  }

  private static MigrationSettings migration(Duration lease, Duration silence) {
    return new MigrationSettings(
        lease,
        Duration.ofMillis(200),
        Duration.ofMillis(300),
        7,
        Map.of(Phase.COPYING, Duration.ofSeconds(9)),
        silence,
        Duration.ofSeconds(10));
  }

  @Test
  void aHostIsWaitedForAsLongAsIsUsualOrALeaseOrAsIsSaid() {
    Terms usual = migration(Duration.ofSeconds(3), null).terms();
    assertEquals(10_000, usual.silenceMillis());
    assertEquals(9_000, usual.deadlineMillis(Phase.COPYING));
    assertEquals(5_000, usual.deadlineMillis(Phase.FREEZING), "what is not said stays");
    assertEquals(300, usual.retryMillis());
    assertEquals(20_000, migration(Duration.ofSeconds(20), null).terms().silenceMillis());
    Duration said = Duration.ofSeconds(5);
    assertEquals(5_000, migration(Duration.ofSeconds(3), said).terms().silenceMillis());
  }

  @Test
  void threePollsFitIntoALease() {
    assertEquals(600, migration(Duration.ofMillis(600), null).terms().leaseMillis());
    refused("fermata.migration.lease", () -> migration(Duration.ofMillis(599), null).terms());
  }

  @Test
  void dryRunsAreBounded() {
    Duration day = Duration.ofDays(1);
    Duration second = Duration.ofSeconds(1);
    assertEquals(1, new DryRunSettings(1, second).most());
    assertEquals(10_000, new DryRunSettings(10_000, day).most());
    refused("fermata.dry-runs.most", () -> new DryRunSettings(0, day));
    refused("fermata.dry-runs.most", () -> new DryRunSettings(10_001, day));
    refused("fermata.dry-runs.valid", () -> new DryRunSettings(1, Duration.ofMillis(999)));
    refused("fermata.dry-runs.valid", () -> new DryRunSettings(1, Duration.ofDays(2)));
  }

  @Test
  void aReplicasUrlIsAHostAndAPort() {
    Duration lease = Duration.ofMillis(1_500);
    Duration heartbeat = Duration.ofMillis(500);
    assertNull(new ReplicaPlace(null, lease, heartbeat).url());
    var place = new ReplicaPlace("https://h:1", lease, heartbeat);
    assertEquals(new LeaseTerms(lease, heartbeat), place.terms());
    refused("fermata.replica.url", () -> new ReplicaPlace("http://h/x", lease, heartbeat));
    refused("fermata.replica.lease", () -> new ReplicaPlace(null, lease, lease));
  }

  @Test
  void agingTakesAMillisecondAtLeast() {
    var limits = new LimitSettings(1, 2, 3, 4, 5, Duration.ofMillis(1)).limits(9);
    assertEquals(new Limits(9, 1, 2, 3, 4, 5), limits);
    refused(
        "fermata.limits.aging", () -> new LimitSettings(1, 2, 3, 4, 5, Duration.ofNanos(999_999)));
  }

  private JournalPlace place(String url, Path passwordFile) {
    return new JournalPlace(
        url,
        "me",
        "in plain words",
        passwordFile,
        Duration.ofSeconds(2),
        PostgresSettings.Durability.REQUIRED,
        folder,
        5,
        2,
        Duration.ofDays(7));
  }

  @Test
  void aFileIsOnesOwnAndADatabaseIsShared() {
    assertFalse(place("jdbc:sqlite:", null).shared());
    assertEquals(5, place("jdbc:sqlite:", null).journal().queueLimit());
    assertTrue(place("jdbc:postgresql://h/d", null).shared());
  }

  @Test
  void thePasswordIsReadAnewFromItsFileAndIsInNoWords() throws IOException {
    JournalPlace plain = place("jdbc:postgresql://h/d", null);
    assertEquals("in plain words", plain.postgres().password().get());
    Path file = folder.resolve("password");
    JournalPlace filed = place("jdbc:postgresql://h/d", file);
    assertThrows(UncheckedIOException.class, () -> filed.postgres().password().get());
    Files.writeString(file, "first\n");
    assertEquals("first", filed.postgres().password().get());
    Files.writeString(file, "second\n");
    assertEquals("second", filed.postgres().password().get());
    assertEquals("JournalPlace[jdbc:postgresql://h/d]", plain.toString());
    assertEquals("JournalPlace[" + folder + "]", place("jdbc:sqlite:", null).toString());
  }
}

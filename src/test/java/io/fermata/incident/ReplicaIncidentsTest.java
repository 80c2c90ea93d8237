package io.fermata.incident;

import static io.fermata.incident.Runbook.PROOF;

import io.fermata.journal.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What can befall replicas that share a database. One is enough: what the others did, or failed to
 * do, is what the database says of them.
 */
class ReplicaIncidentsTest {
  private static final int TAKEOVERS = 4;
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String GHOST = "ghost";

  @TempDir private static Path folder;
  private static Field field;
  private static Connection database;

  @BeforeAll
  static void everythingRuns() throws SQLException {
    String url = PostgresServer.shared().database();
    database = DriverManager.getConnection(url, "postgres", "");
    field =
        new Field(
            folder,
            List.of("orphan", "conflict", "flapping"),
            "--fermata.journal.url=" + url,
            "--fermata.journal.username=postgres",
            "--fermata.replica.lease=600ms",
            "--fermata.replica.heartbeat=200ms");
  }

  @AfterAll
  static void allStops() throws SQLException {
    field.close();
    database.close();
  }

  private static void sql(String text, String... arguments) {
    try (var statement = database.prepareStatement(text)) {
      for (int i = 0; i < arguments.length; i++) {
        statement.setString(i + 1, arguments[i]);
      }
      statement.execute();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String one(String text, String argument) {
    try (var statement = database.prepareStatement(text)) {
      statement.setString(1, argument);
      try (var answer = statement.executeQuery()) {
        answer.next();
        return answer.getString(1);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A replica that died held it, with an epoch more. */
  private static void stolen(String m) {
    var data = (ObjectNode) JSON.readTree(one("select data from migration where id = ?", m));
    var epoch = (ObjectNode) data.get("epoch");
    epoch.put("number", epoch.get("number").asInt() + 1).put("owner", GHOST);
    sql(
        "update migration set owner = '"
            + GHOST
            + "', epoch = epoch + 1, version = version + 1, data = ? where id = ?",
        data.toString(),
        m);
    // whoever holds it now is to write, and notices
    field.attempt("PATCH", "/migrations/" + m, "{\"bandwidth\":0}");
  }

  private static OnCall wokenBy(String alert, String m) {
    return OnCall.wokenBy(alert).knows(field.variables("host-a", "host-b")).knows("M", m);
  }

  private static void givenUp(String m) {
    field.attempt("POST", "/migrations/" + m + "/abort", "{\"reason\":\"over\"}");
    field.ended(m);
  }

  @Test
  void migrationsOrphaned() {
    String m = field.endless("orphan");
    field.kill("orchestrator");
    String data = one("select data from migration where id = ?", m);
    sql("update migration set data = 'torn' where id = ?", m);
    field.start("orchestrator");
    field.awaitMetric("^fermata_orphaned_migrations 1");
    wokenBy("FermataMigrationsOrphaned", m)
        .sees("^fermata_orphaned_migrations 1")
        .byHandBefore(
            PROOF,
            1,
            () -> {
              sql("update migration set data = ? where id = ?", data, m);
              field.awaitMetric("^fermata_orphaned_migrations 0");
            })
        .follows("^fermata_orphaned_migrations 0\\.0$");
    givenUp(m);
  }

  @Test
  void ownershipConflict() {
    String m = field.endless("conflict");
    stolen(m);
    field.awaitMetric("^fermata_ownership_conflicts_total.* [1-9]");
    wokenBy("FermataOwnershipConflict", m)
        .sees("^fermata_ownership_conflicts_total.* [1-9]")
        .follows("nobody else writes");
  }

  @Test
  void takeoverFlapping() {
    String m = field.endless("flapping");
    for (int i = 1; i <= TAKEOVERS; i++) {
      stolen(m);
      field.awaitMetric("^fermata_takeovers_total.* " + i + "\\.0$");
    }
    wokenBy("FermataTakeoverFlapping", m)
        .sees("^fermata_takeovers_total.* [4-9]")
        .follows("owners stay");
    givenUp(m);
  }
}

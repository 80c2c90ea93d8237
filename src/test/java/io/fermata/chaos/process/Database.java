package io.fermata.chaos.process;

import io.fermata.journal.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The command of a PostgreSQL server that the members of a network may ask. */
final class Database {
  static final int PORT = 5432;
  private static final Pattern PROGRAM = Pattern.compile("^(\\S+)");

  private Database() {}

  /**
   * Makes an empty one in that folder; what it acknowledges is on disk.
   *
   * @param subnet who may ask, such as 10.0.0.0/24
   */
  static List<String> command(Path folder, String address, String subnet) {
    Path data = folder.resolve("database");
    PostgresServer.in(data).close();
    try {
      String line = "host all all " + subnet + " trust\n";
      Files.writeString(data.resolve("pg_hba.conf"), line, StandardOpenOption.APPEND);
      String options = Files.readString(data.resolve("postmaster.opts"));
      Matcher program = PROGRAM.matcher(options);
      if (!program.find()) {
        throw new IllegalStateException("no server in " + options);
      }
      // As root it does not run; in a namespace of users it is nobody, and its files are nobody's.
      List<String> command = new ArrayList<>(List.of("unshare", "--user"));
      command.addAll(List.of(program.group(1).replace("\"", ""), "-D", data.toString()));
      for (String setting :
          List.of(
              "listen_addresses=" + address,
              "port=" + PORT,
              "unix_socket_directories=",
              "fsync=on",
              "full_page_writes=on",
              "synchronous_commit=on",
              "max_connections=100")) {
        command.addAll(List.of("-c", setting));
      }
      return command;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

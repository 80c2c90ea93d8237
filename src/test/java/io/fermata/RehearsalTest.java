package io.fermata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** What is tried out beside the service touches nothing that is real, and leaves nothing behind. */
class RehearsalTest {
  private static List<Path> folders() throws IOException {
    try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return all.filter(each -> each.getFileName().toString().startsWith("fermata-rehearsal-"))
          .toList();
    }
  }

  @Test
  void itMovesToAndFroAndNothingOfItIsLeftOrLogged() throws Exception {
    List<Path> before = folders();
    var all = (LoggerContext) LoggerFactory.getILoggerFactory();
    var root = all.getLogger(Logger.ROOT_LOGGER_NAME);
    var heard = new ListAppender<ILoggingEvent>();
    heard.setContext(all);
    heard.start();
    root.addAppender(heard);
    Rehearsal.Seen seen;
    try {
      seen = Rehearsal.of(3, List.of(), () -> false);
    } finally {
      root.detachAppender(heard);
    }
    assertTrue(seen.first() > 0 && seen.last() > 0, seen::toString);
    assertEquals(3, seen.moves());
    assertEquals(before, folders());
    List<String> said = heard.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    assertFalse(said.stream().anyMatch(line -> line.contains("migration.moved")), said::toString);
    assertFalse(said.stream().anyMatch(line -> line.contains("Tomcat")), said::toString);
    assertFalse(said.stream().anyMatch(line -> line.contains("shutdown")), said::toString);
  }

  @Test
  void whatTheServicePacksIsPacked(@TempDir Path folder) throws Exception {
    var packed =
        List.of(
            new Rehearsal.Codec("lz4", null), //
            new Rehearsal.Codec("zstd", 3));
    var environment = new StandardEnvironment();
    String key = "fermata.agent.data-plane.compression[";
    environment
        .getPropertySources()
        .addFirst(
            new MapPropertySource(
                "settings",
                Map.of(
                    key + "0].profile", "mlx5/connectx-a",
                    key + "0].codec", "lz4",
                    key + "1].profile", "gpu/gpu-a",
                    key + "1].codec", "zstd",
                    key + "1].level", "3")));
    assertEquals(packed, Rehearsal.packed(environment));
    assertEquals(List.of(), Rehearsal.packed(new StandardEnvironment()));
    List<String> told = Rehearsal.agent("rehearsal-a", folder, packed);
    for (String setting :
        List.of(
            "devices[0].traits.model=packed-0",
            "devices[1].traits.model=packed-1",
            "devices[2].traits.model=packed-0",
            "data-plane.compression[0].profile=nvme/packed-0",
            "data-plane.compression[0].codec=lz4",
            "data-plane.compression[1].profile=nvme/packed-1",
            "data-plane.compression[1].codec=zstd",
            "data-plane.compression[1].level=3")) {
      assertTrue(told.contains("--fermata.agent." + setting), setting + " is not in " + told);
    }
    assertTrue(Rehearsal.of(1, packed, () -> false).first() > 0);
  }

  @Test
  void itEndsOnceThereIsARealMigrationToLookAfter() throws Exception {
    var asked = new AtomicInteger();
    Rehearsal.Seen seen = Rehearsal.of(1_000, List.of(), () -> asked.incrementAndGet() > 2);
    assertEquals(2, seen.moves());
    assertEquals(3, asked.get());
  }

  /** A service's journal and hosts come by its environment: none of that may be seen. */
  @Test
  void whatIsAsideSeesNothingOfTheProcess(@TempDir Path folder) {
    System.setProperty("fermata.fleet.hosts[0].name", "host-real");
    System.setProperty("fermata.journal.directory", folder.resolve("real").toString());
    try (ConfigurableApplicationContext aside =
        Aside.start(
            Role.ORCHESTRATOR, List.of("--fermata.journal.directory=" + folder.resolve("own")))) {
      assertFalse(aside.getEnvironment().containsProperty("fermata.fleet.hosts[0].name"));
      assertFalse(aside.getEnvironment().containsProperty("PATH"));
      assertFalse(Files.exists(folder.resolve("real")));
      assertTrue(Files.exists(folder.resolve("own")));
    } finally {
      System.clearProperty("fermata.fleet.hosts[0].name");
      System.clearProperty("fermata.journal.directory");
    }
  }

  @Test
  void aSettingThatMakesNoSenseIsRefusedBeforeAnythingIsServed(@TempDir Path folder) {
    Path journal = folder.resolve("journal");
    List<String> settings =
        List.of("--fermata.journal.directory=" + journal, "--" + Rehearsal.MOVES + "=-1");
    var refused =
        assertThrows(
            IllegalArgumentException.class, () -> Fermata.start(Role.ORCHESTRATOR, settings));
    assertEquals("fermata.rehearsal.moves must be between 0 and 1000, is -1", refused.getMessage());
    assertFalse(Files.exists(journal));
  }
}

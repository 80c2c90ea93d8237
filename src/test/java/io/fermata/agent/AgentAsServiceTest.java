package io.fermata.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.Fermata;
import io.fermata.agent.os.DescriptorStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole agent under what does for it what systemd does. */
class AgentAsServiceTest {
  private static final long WATCHDOG_MICROS = 2_000_000;

  @TempDir private Path folder;

  @Test
  void itSaysThatItIsReadyThatItLivesAndThatItEnds() throws Exception {
    try (var store = new DescriptorStore(folder, 8)) {
      store.start(agent(), WATCHDOG_MICROS);
      store.await("READY=1", 1);
      store.await("STATUS=serving host-a", 1);
      store.await("WATCHDOG=1", 2);
      store.stop();
      store.await("STOPPING=1", 1);
      assertEquals(List.of(), store.names(), "emulated devices have no descriptors");
      assertTrue(Files.exists(store.output()));
    }
  }

  private List<String> agent() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Fermata.class.getName(), "agent"));
    command.addAll(AgentRig.settings("host-a", folder.resolve("slate"), 0));
    return command;
  }
}

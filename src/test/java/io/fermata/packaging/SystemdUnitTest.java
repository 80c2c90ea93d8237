package io.fermata.packaging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service unit as systemd itself reads and judges it. */
class SystemdUnitTest {
  private static final Path UNITS = Path.of("config/systemd");
  private static final String UNIT = "fermata-agent.service";

  /** Tenths of what {@code systemd-analyze security} calls exposure; 10.0 is a plain service. */
  private static final int EXPOSURE_MOST = 18;

  private static final int EXPOSURE_MOST_WHEN_ADOPTING = 24;

  @TempDir Path folder;

  /** This machine's Java stands in for the one that the unit names. */
  @BeforeEach
  void copyTheUnit() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-analyze")), "no systemd-analyze");
    String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
    String unit = Files.readString(UNITS.resolve(UNIT));
    assertTrue(unit.contains("ExecStart=/usr/bin/java "), unit);
    Files.writeString(folder.resolve(UNIT), unit.replace("/usr/bin/java", java));
  }

  private void adopting() throws IOException {
    Path more = Files.createDirectories(folder.resolve(UNIT + ".d"));
    Files.copy(UNITS.resolve("adopt.conf"), more.resolve("adopt.conf"));
  }

  @Test
  void systemdFindsNothingToSayAgainstIt() throws Exception {
    assertEquals("", analyze("verify"));
    adopting();
    assertEquals("", analyze("verify"));
  }

  @Test
  void anAgentThatOpensOrReceivesHasNoCapability() throws Exception {
    String said = analyze("security", "--offline=true", "--threshold=" + EXPOSURE_MOST);
    assertTrue(said.contains("✓ User="), said);
    assertTrue(said.contains("✓ CapabilityBoundingSet=~CAP_SYS_PTRACE"), said);
    assertTrue(said.contains("✓ AmbientCapabilities="), said);
    assertTrue(said.contains("✓ SystemCallFilter=~@debug"), said);
  }

  @Test
  void anAgentThatAdoptsHasOneMore() throws Exception {
    adopting();
    String limit = "--threshold=" + EXPOSURE_MOST_WHEN_ADOPTING;
    String said = analyze("security", "--offline=true", limit);
    assertTrue(said.contains("✗ CapabilityBoundingSet=~CAP_SYS_PTRACE"), said);
    assertTrue(said.contains("✓ CapabilityBoundingSet=~CAP_SYS_ADMIN"), said);
  }

  @Test
  void whatTheStoreAndTheRestartsDependOnIsThere() throws IOException {
    List<String> lines = Files.readAllLines(UNITS.resolve(UNIT));
    for (String line :
        List.of(
            "Type=notify",
            "NotifyAccess=main",
            "Restart=always",
            "StartLimitIntervalSec=0",
            "FileDescriptorStoreMax=512",
            "WatchdogSec=30s",
            "User=fermata")) {
      assertTrue(lines.contains(line), line);
    }
  }

  /** What it says; exit code 0 is demanded. */
  private String analyze(String verb, String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of("systemd-analyze", verb, "--no-pager"));
    command.addAll(List.of(options));
    command.add(folder.resolve(UNIT).toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said;
  }
}

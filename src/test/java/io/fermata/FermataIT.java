package io.fermata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar as its users meet it: a process with arguments, output and an exit status. */
class FermataIT {
  private static final Path JAR = Path.of(System.getProperty("fermata.jar"));

  @TempDir private Path folder;

  @Test
  void helpPrintsTheUsageAndSucceeds() throws Exception {
    var ended = run("--help");
    assertEquals(0, ended.status());
    assertTrue(ended.out().startsWith("usage: "), ended.out());
    assertEquals("", ended.err());
  }

  @Test
  void anUnknownRoleIsNamedOnStandardErrorAndFails() throws Exception {
    var ended = run("conductor");
    assertEquals(2, ended.status());
    assertEquals("", ended.out());
    assertTrue(ended.err().startsWith("fermata: there is no role 'conductor'\nusage: "));
  }

  @Test
  void theJarMayCallNativeCodeAndSaysWhatItIs() throws IOException {
    try (var jar = new JarFile(JAR.toFile())) {
      var manifest = jar.getManifest().getMainAttributes();
      assertEquals("ALL-UNNAMED", manifest.getValue("Enable-Native-Access"));
      assertEquals("io.fermata.Fermata", manifest.getValue("Start-Class"));
      assertFalse(manifest.getValue("Implementation-Version").isEmpty());
    }
  }

  private record Ended(int status, String out, String err) {}

  private Ended run(String... arguments) throws IOException, InterruptedException {
    var java = Path.of(System.getProperty("java.home"), "bin", "java");
    var command = new ArrayList<>(List.of(java.toString(), "-jar", JAR.toString()));
    command.addAll(List.of(arguments));
    var out = folder.resolve("out");
    var err = folder.resolve("err");
    var process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "still running after 60 s");
      return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      process.destroyForcibly();
    }
  }
}

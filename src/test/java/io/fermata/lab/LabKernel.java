package io.fermata.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The lab's kernel and what is needed to run it. On Debian, as root, missing packages are
 * installed; anywhere else the message says what to install.
 */
final class LabKernel {
  private static final int PACKAGES_MISSING = 2;
  private static final Duration BUILD = Duration.ofMinutes(40);
  private static final Duration INSTALL = Duration.ofMinutes(15);

  private LabKernel() {}

  /** Returns once kernel and emulator are there. */
  static void ready() {
    Script.Ended built = build();
    if (built.code() == PACKAGES_MISSING || !onPath("qemu-system-x86_64")) {
      install();
      built = build();
    }
    built.good("building the lab's kernel");
    System.out.println("lab: kernel " + built.lastLine());
  }

  private static Script.Ended build() {
    System.out.println("lab: looking for the kernel; to build it takes about 8 minutes, once");
    return Script.run(Script.of("build-kernel.sh", List.of()), BUILD);
  }

  private static void install() {
    List<String> packages =
        Script.run(Script.of("build-kernel.sh", List.of("--missing")), INSTALL)
            .good("asking for missing packages")
            .out()
            .lines()
            .toList();
    String line =
        "apt-get update && apt-get install -y --no-install-recommends "
            + String.join(" ", packages);
    if (!"root".equals(System.getProperty("user.name")) || !onPath("apt-get")) {
      throw new AssertionError(
          "the kernel lab lacks packages; install them as root on Debian: "
              + line
              + "\n(or leave the lab out: -Dfermata.lab=off)");
    }
    System.out.println("lab: " + line);
    Script.run(Script.command(List.of("apt-get", "update", "-q")), INSTALL).good("apt-get update");
    List<String> command = new ArrayList<>(List.of("apt-get", "install", "-q", "-y"));
    command.add("--no-install-recommends");
    command.addAll(packages);
    Script.run(Script.command(command), INSTALL).good(line);
  }

  private static boolean onPath(String program) {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
      if (Files.isExecutable(Path.of(folder).resolve(program))) {
        return true;
      }
    }
    return false;
  }
}

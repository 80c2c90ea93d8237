package io.fermata.agent.guest;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A real QEMU with an empty machine: no guest program, and a run state like any other. It has two
 * monitors, one for the agent and one for the test, as two programs on a host have.
 */
public final class Qemu implements AutoCloseable {
  private static final Path BINARY = Path.of("/usr/bin/qemu-system-x86_64");

  private final Path folder;
  private final Process process;

  public static boolean isInstalled() {
    return Files.isExecutable(BINARY);
  }

  public Qemu(Path folder, String... more) {
    this.folder = folder;
    try {
      Files.deleteIfExists(socket());
      Files.deleteIfExists(other());
      List<String> command =
          new ArrayList<>(List.of(BINARY.toString(), "-machine", "none", "-accel", "tcg"));
      command.addAll(List.of("-display", "none", "-nodefaults"));
      command.addAll(List.of("-qmp", "unix:" + socket() + ",server=on,wait=off"));
      command.addAll(List.of("-qmp", "unix:" + other() + ",server=on,wait=off"));
      command.addAll(List.of(more));
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("qemu.log").toFile())
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Awaitility.await("QEMU listens")
        .atMost(Duration.ofSeconds(30))
        .until(() -> Files.exists(other()) || !process.isAlive());
    if (!process.isAlive()) {
      throw new AssertionError("QEMU ended at once: " + log());
    }
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("qemu.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The agent's. */
  public Path socket() {
    return folder.resolve("vm.qmp");
  }

  private Path other() {
    return folder.resolve("other.qmp");
  }

  /** What somebody else says to it; returns when it has answered. */
  public String said(String command) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(other()));
      InputStream in = java.nio.channels.Channels.newInputStream(channel);
      line(in); // the greeting
      for (String each : List.of("qmp_capabilities", command)) {
        String text = "{\"execute\":\"" + each + "\"}\n";
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        String answer = line(in);
        while (!answer.contains("\"return\"")) {
          answer = line(in);
        }
        if (each.equals(command)) {
          return answer;
        }
      }
      throw new AssertionError("unreachable");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean runs() {
    return said("query-status").contains("\"running\": true");
  }

  private static String line(InputStream in) throws IOException {
    var text = new java.io.ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new IOException("ended after " + text);
      }
      text.write(next);
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  /** A process that the kernel does not let run: its sockets are there, and nobody answers. */
  void hang() {
    signal("STOP");
  }

  void wake() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public void kill() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    kill();
  }
}

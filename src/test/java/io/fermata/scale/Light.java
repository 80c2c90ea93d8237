package io.fermata.scale;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A process of {@link LightHosts} as the one who started it sees it. */
final class Light implements AutoCloseable {
  private final Process process;
  private final int port;
  private final Shape shape;

  /** How many of what. */
  record Shape(int hosts, int sets, int devices) {
    int migrations() {
      return hosts * sets;
    }
  }

  Light(Shape shape, Path log, List<String> options) throws IOException {
    this.shape = shape;
    List<String> command = Jvms.command(options, LightHosts.class);
    command.addAll(List.of("" + shape.hosts(), "" + shape.sets(), "" + shape.devices()));
    process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    var in = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    String said = in.readLine();
    if (said == null || !said.startsWith(LightHosts.SAYS)) {
      throw new IllegalStateException("it does not start, see " + log + ": " + said);
    }
    port = Integer.parseInt(said.substring(LightHosts.SAYS.length()));
  }

  /** Writes the inventory and says how an orchestrator is told of it. */
  String inventory(Path folder) throws IOException {
    StringBuilder yaml = new StringBuilder("fermata:\n  fleet:\n    hosts:\n");
    for (int host = 0; host < shape.hosts(); host++) {
      yaml.append(
          "      - {name: %s, agent: \"http://%s:%d\"}%n"
              .formatted(LightHosts.name(host), LightHosts.address(host), port));
    }
    Path file = folder.resolve("light.yml");
    Files.writeString(file, yaml);
    return "--spring.config.import=" + file;
  }

  /** What they hold goes on. */
  void release() throws IOException {
    process.getOutputStream().write("release\n".getBytes(UTF_8));
    process.getOutputStream().flush();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}

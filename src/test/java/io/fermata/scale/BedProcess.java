package io.fermata.scale;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fermata.Fermata;
import io.fermata.Role;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Many whole agents in one JVM: each has its own web server, slate, data plane, threads and
 * devices, as one started by hand has. Only the JVM is shared, which is what an agent costs most.
 *
 * <p>Arguments: a folder, the first host's number, how many. It says where each host answers, and
 * reads from its input which ones to stop and start again ({@code restart 17}).
 */
public final class BedProcess {
  /** What its lines for the one who started it begin with. */
  static final String SAYS = "BED ";

  private final Path folder;
  private final SortedMap<Integer, ConfigurableApplicationContext> agents = new TreeMap<>();

  private BedProcess(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] args) throws IOException {
    BedProcess bed = new BedProcess(Path.of(args[0]));
    int first = Integer.parseInt(args[1]);
    for (int host = first; host < first + Integer.parseInt(args[2]); host++) {
      bed.start(host);
    }
    say("ready");
    try (var in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        bed.restart(Integer.parseInt(line.substring("restart ".length())));
      }
    }
    System.exit(0); // whoever started it is gone
  }

  /** On the port that it had, if it ran before in any process. */
  private void start(int host) throws IOException {
    Path config = folder.resolve(Layout.host(host) + ".yml");
    Files.writeString(config, Layout.yaml(host));
    Path port = folder.resolve(Layout.host(host) + ".port");
    String wanted = Files.exists(port) ? Files.readString(port) : "0";
    List<String> settings = new ArrayList<>();
    settings.add("--server.port=" + wanted);
    settings.add("--config=" + config);
    settings.add("--fermata.agent.host=" + Layout.host(host));
    settings.add("--fermata.agent.directory=" + folder.resolve(Layout.host(host) + "-slate"));
    settings.add("--fermata.agent.backend=emulated");
    settings.add("--fermata.agent.tick=100ms"); // 200 of them share two processors
    settings.add("--fermata.agent.emulated.tick=1s");
    settings.add("--fermata.agent.emulated.events-kept=16");
    settings.add("--fermata.agent.emulated.event-file=" + events(folder, host));
    settings.add("--fermata.agent.emulated.memory=" + folder.resolve(Layout.host(host)));
    settings.add("--logging.level.root=warn");
    ConfigurableApplicationContext agent = Fermata.start(Role.AGENT, settings);
    agents.put(host, agent);
    String at = agent.getEnvironment().getProperty("local.server.port", "");
    Files.writeString(port, at);
    say("up " + host + " " + at);
  }

  private void restart(int host) throws IOException {
    agents.get(host).close();
    start(host);
  }

  private static void say(String what) {
    System.out.println(SAYS + what);
    System.out.flush();
  }

  /** Where the devices of a host write what they do. */
  static Path events(Path folder, int host) {
    return folder.resolve(Layout.host(host) + ".events");
  }
}

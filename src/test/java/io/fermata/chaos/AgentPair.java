package io.fermata.chaos;

import io.fermata.Fermata;
import io.fermata.Role;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The demonstration's two hosts in the test's own process, where they outlive every orchestrator:
 * {@code host-a} runs the 17 devices of the set, {@code host-b} has the same ones free.
 */
final class AgentPair implements AutoCloseable {
  /** Rounds after which a start that moved nothing is given up; fewer than usual, to save time. */
  static final int START_ATTEMPTS = 2;

  private final List<ConfigurableApplicationContext> contexts = new ArrayList<>();
  final Hosts hosts;

  AgentPair(Path folder) {
    SortedMap<String, URI> urls = new TreeMap<>();
    urls.put("host-a", start("host-a", folder, "source"));
    urls.put("host-b", start("host-b", folder, "destination"));
    hosts = new Hosts(urls);
  }

  /** What an emulated agent is started with. */
  static List<String> settings(String host, Path folder, String end, int port) {
    return List.of(
        "--server.port=" + port,
        "--fermata.agent.host=" + host,
        "--fermata.agent.directory=" + folder.resolve(host),
        "--fermata.agent.backend=emulated",
        "--fermata.agent.timings.start-attempts=" + START_ATTEMPTS,
        "--fermata.agent.emulated.demo=" + end,
        "--fermata.agent.emulated.demo-vm=" + Hosts.VM);
  }

  private URI start(String host, Path folder, String end) {
    var context = Fermata.start(Role.AGENT, settings(host, folder, end, 0));
    contexts.add(context);
    String port = context.getEnvironment().getProperty("local.server.port");
    return URI.create("http://127.0.0.1:" + port);
  }

  @Override
  public void close() {
    hosts.close();
    contexts.forEach(ConfigurableApplicationContext::close);
  }
}

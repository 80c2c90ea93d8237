package io.fermata.security;

import io.fermata.Fermata;
import io.fermata.Role;
import io.fermata.wire.tls.Authority;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.context.ConfigurableApplicationContext;

/** Real agents and orchestrators in this JVM that prove to each other who they are. */
final class SecuredHosts implements AutoCloseable {
  static final String DOMAIN = "fermata";

  final Authority authority = new Authority("fermata-test");
  private final Path folder;
  private final List<ConfigurableApplicationContext> started = new ArrayList<>();

  SecuredHosts(Path folder) {
    this.folder = folder;
  }

  static String uri(String kind, String name) {
    return "spiffe://" + DOMAIN + "/" + kind + "/" + name;
  }

  Authority.Leaf leaf(String kind, String name) {
    return authority.issue(kind + "-" + name, uri(kind, name));
  }

  /** An agent with two devices; its files are in {@link #files}. */
  int agent(String host, String... more) {
    authority.write(leaf("agent", host), files(host));
    return agentWith(host, files(host), more);
  }

  int agentWith(String host, Path files, String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--spring.ssl.bundle.watch.file.quiet-period=200ms",
                "--fermata.agent.host=" + host,
                "--fermata.agent.directory=" + folder.resolve("slate-" + host),
                "--fermata.agent.backend=emulated",
                "--fermata.agent.devices[0].name=gpu0",
                "--fermata.agent.devices[0].profile=gpu",
                "--fermata.agent.devices[1].name=nic0",
                "--fermata.agent.devices[1].profile=connectx"));
    settings.addAll(Authority.settings(files));
    settings.addAll(List.of(more));
    return port(Role.AGENT, settings);
  }

  static String[] ofVm(String vm) {
    return new String[] {
      "--fermata.agent.devices[0].vm=" + vm, "--fermata.agent.devices[1].vm=" + vm
    };
  }

  /** An orchestrator with these hosts at these ports. */
  int orchestrator(List<String> hosts, List<Integer> ports, String... more) {
    authority.write(leaf("orchestrator", "one"), files("orchestrator"));
    List<String> settings =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--spring.ssl.bundle.watch.file.quiet-period=200ms",
                "--fermata.fleet.poll=200ms",
                "--fermata.journal.directory=" + folder.resolve("journal")));
    settings.addAll(Authority.settings(files("orchestrator")));
    for (int i = 0; i < hosts.size(); i++) {
      settings.add("--fermata.fleet.hosts[" + i + "].name=" + hosts.get(i));
      settings.add("--fermata.fleet.hosts[" + i + "].agent=https://127.0.0.1:" + ports.get(i));
    }
    settings.addAll(List.of(more));
    return port(Role.ORCHESTRATOR, settings);
  }

  private int port(Role role, List<String> settings) {
    ConfigurableApplicationContext context = Fermata.start(role, settings);
    started.add(context);
    return Integer.parseInt(
        String.valueOf(context.getEnvironment().getProperty("local.server.port")));
  }

  ConfigurableApplicationContext context(int index) {
    return started.get(index);
  }

  Path files(String who) {
    return folder.resolve("files-" + who);
  }

  HttpResponse<String> get(HttpClient client, String uri) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> post(HttpClient client, String uri, String body, String... headers)
      throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(uri))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    return client.send(
        (headers.length == 0 ? request : request.headers(headers)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    started.reversed().forEach(ConfigurableApplicationContext::close);
  }
}

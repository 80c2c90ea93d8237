package io.fermata;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * An orchestrator without an inventory gets two emulated hosts in its own process: {@code host-a}
 * with the 17 devices of {@code vm-demo}, {@code host-b} with the same devices free. They speak
 * real HTTP and a real data plane over loopback. Emulated devices live as long as the process, so
 * each start begins with fresh slates.
 */
final class Demo {
  static final String VM = "vm-demo";
  private static final String FIRST_PORT = "fermata.demo.agent-port";
  private static final String USUAL_PORT = "9101";
  private static final List<String> HOSTS = List.of("host-a", "host-b");

  private final List<ConfigurableApplicationContext> agents = new ArrayList<>();

  private Demo() {}

  /** Makes the orchestrator start the demonstration's hosts first, if nobody gave it hosts. */
  static void attach(SpringApplication orchestrator) {
    Demo demo = new Demo();
    ApplicationListener<ApplicationEnvironmentPreparedEvent> before =
        event -> demo.prepare(event.getEnvironment());
    ApplicationListener<ApplicationReadyEvent> after = event -> demo.invite(event);
    orchestrator.addListeners(before, after);
  }

  private void prepare(ConfigurableEnvironment environment) {
    boolean inventory = environment.containsProperty("fermata.fleet.hosts[0].name");
    boolean wanted = environment.getProperty("fermata.demo.enabled", Boolean.class, true);
    if (inventory || !wanted) {
      return;
    }
    int port = Integer.parseInt(environment.getProperty(FIRST_PORT, USUAL_PORT));
    Map<String, Object> fleet = new LinkedHashMap<>();
    for (int i = 0; i < HOSTS.size(); i++) {
      String host = HOSTS.get(i);
      ConfigurableApplicationContext agent = agent(host, port == 0 ? 0 : port + i);
      agents.add(agent);
      String at = agent.getEnvironment().getProperty("local.server.port");
      fleet.put("fermata.fleet.hosts[" + i + "].name", host);
      fleet.put("fermata.fleet.hosts[" + i + "].agent", "http://127.0.0.1:" + at);
    }
    environment.getPropertySources().addLast(new MapPropertySource("demo", fleet));
  }

  private static ConfigurableApplicationContext agent(String host, int port) {
    boolean source = host.equals(HOSTS.getFirst());
    return Fermata.start(
        Role.AGENT,
        List.of(
            "--server.port=" + port,
            "--fermata.agent.host=" + host,
            "--fermata.agent.directory=" + fresh(host),
            "--fermata.agent.backend=emulated",
            "--fermata.agent.emulated.demo=" + (source ? "source" : "destination"),
            "--fermata.agent.emulated.demo-vm=" + VM));
  }

  private static Path fresh(String host) {
    try {
      Path directory = Files.createTempDirectory("fermata-demo-" + host + "-");
      directory.toFile().deleteOnExit();
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException("making a directory for the slate of " + host, e);
    }
  }

  private void invite(ApplicationReadyEvent event) {
    if (agents.isEmpty()) {
      return;
    }
    ConfigurableEnvironment environment = event.getApplicationContext().getEnvironment();
    String port = environment.getProperty("local.server.port");
    String last = agents.getLast().getEnvironment().getProperty("local.server.port");
    System.out.print(invitation("http://127.0.0.1:" + port + "/api/v1", "127.0.0.1:" + last));
    event.getApplicationContext().addApplicationListener(closing());
  }

  private ApplicationListener<ContextClosedEvent> closing() {
    return event -> agents.forEach(ConfigurableApplicationContext::close);
  }

  static String invitation(String api, String agent) {
    return """

    Fermata is up with two emulated hosts: host-a runs vm-demo on 17 devices, host-b is free.
    The API is at %1$s. Try, in another shell:

      export F=%1$s
      curl -s "$F/hosts?o=text"
      curl -s -X POST "$F/migrations?o=text" -d vm=vm-demo -d source=host-a -d destination=host-b
      curl -s "$F/migrations?o=text"

    The set runs on host-b now. A failure injected there, and the walk back:

      curl -s -X POST http://%2$s/agent/v1/emulated/faults -H 'Content-Type: application/json' \\
        -d '{"device":"gpu3","fault":{"kind":"REFUSED","to":"STOP_COPY","errno":5,
             "occurrence":1,"after":0}}'
      curl -s -X POST "$F/migrations?o=text" -d vm=vm-demo -d source=host-b -d destination=host-a
      curl -s "$F/migrations?o=text"

    More: curl -s "$F/help"

    """
        .formatted(api, agent);
  }
}

package io.fermata.incident;

import static org.awaitility.Awaitility.await;

import io.fermata.Fermata;
import io.fermata.Role;
import io.fermata.wire.tls.Authority;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/** A certificate that nobody renewed. */
class CertificateIncidentTest {
  private static final Duration SHORT = Duration.ofDays(3);
  private static final Duration LONG = Duration.ofDays(30);
  private static final String WATCH = "--spring.ssl.bundle.watch.file.quiet-period=200ms";

  @TempDir private Path folder;
  private final Authority authority = new Authority("incident", Duration.ofDays(365));

  @Test
  void certificateExpiring() {
    issue("agent", "host-a", SHORT);
    issue("orchestrator", "one", SHORT);
    try (var agent = agent();
        var orchestrator = orchestrator(port(agent))) {
      String process = "http://127.0.0.1:" + port(orchestrator);
      OnCall.wokenBy("FermataCertificateExpiring")
          .knows("F", process + "/api/v1")
          .knows("P", process)
          .sees("^ssl_chain_expiry_seconds.*keystore.* 25[0-9]{4}\\.0$")
          .byHandBefore(Runbook.PROOF, 1, () -> renewed(orchestrator))
          .follows("^ssl_chain_expiry_seconds.*keystore.* 259[0-9]{4}\\.0$[\\s\\S]*host-a +READY");
    }
  }

  private void renewed(ConfigurableApplicationContext orchestrator) {
    issue("agent", "host-a", LONG);
    issue("orchestrator", "one", LONG);
    var registry = orchestrator.getBean(MeterRegistry.class);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            registry.get("ssl.chain.expiry").gauges().stream()
                .allMatch(gauge -> gauge.value() > 2 * SHORT.toSeconds()));
  }

  private void issue(String kind, String name, Duration life) {
    var leaf = authority.issue(name, life, "spiffe://fermata/" + kind + "/" + name);
    authority.write(leaf, folder.resolve(kind));
  }

  private ConfigurableApplicationContext agent() {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                WATCH,
                "--fermata.agent.host=host-a",
                "--fermata.agent.directory=" + folder.resolve("slate"),
                "--fermata.agent.backend=emulated",
                "--fermata.agent.devices[0].name=gpu0",
                "--fermata.agent.devices[0].profile=gpu"));
    settings.addAll(Authority.settings(folder.resolve("agent")));
    return Fermata.start(Role.AGENT, settings);
  }

  private ConfigurableApplicationContext orchestrator(String agentPort) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                WATCH,
                "--fermata.fleet.poll=200ms",
                "--fermata.journal.directory=" + folder.resolve("journal"),
                "--fermata.fleet.hosts[0].name=host-a",
                "--fermata.fleet.hosts[0].agent=https://127.0.0.1:" + agentPort));
    settings.addAll(Authority.settings(folder.resolve("orchestrator")));
    return Fermata.start(Role.ORCHESTRATOR, settings);
  }

  private static String port(ConfigurableApplicationContext context) {
    return context.getEnvironment().getProperty("local.server.port");
  }
}

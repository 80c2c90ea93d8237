package io.fermata.wire.tls;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

class StartRulesTest {
  private static final Map<String, String> IDENTITY =
      Map.of(
          "fermata.identity.certificate", "/tls.crt",
          "fermata.identity.private-key", "/tls.key",
          "fermata.identity.authorities", "/ca.crt");
  private static final Map<String, String> API =
      Map.of("fermata.access.certificate", "/api.crt", "fermata.access.private-key", "/api.key");
  private static final Map<String, String> ISSUER =
      Map.of("fermata.access.issuer", "https://login.example.org");

  @ParameterizedTest
  @CsvSource({
    "agent, server.address, 127.0.0.1",
    "agent, server.address, ::1",
    "agent, fermata.agent.data-plane.bind, 127.0.0.1:8091",
    "agent, fermata.agent.data-plane.bind, [::1]:8091",
    "orchestrator, server.address, localhost",
    "orchestrator, server.address, 127.8.0.1",
  })
  void onThisMachineNothingIsAskedFor(String role, String property, String address) {
    assertDoesNotThrow(() -> start(role, Map.of(property, address)));
  }

  @ParameterizedTest
  @CsvSource({
    "agent, server.address, 0.0.0.0",
    "agent, server.address, ''",
    "agent, server.address, 192.0.2.1",
    "agent, server.address, no.such.host.invalid",
    "agent, fermata.agent.data-plane.bind, 0.0.0.0:8091",
    "agent, fermata.agent.data-plane.bind, :8091",
    "orchestrator, server.address, ::",
    "orchestrator, server.address, 0.0.0.0",
  })
  void beyondItAStartWithoutCertificatesIsRefused(String role, String property, String address) {
    Unsafe refused = assertThrows(Unsafe.class, () -> start(role, Map.of(property, address)));
    assertTrue(refused.getMessage().contains(property + "=" + address), refused.getMessage());
    assertTrue(refused.getMessage().contains("fermata.identity.certificate"));
    assertEquals(2, refused.getExitCode());
  }

  @Test
  void theManagementPortIsNoWayRound() {
    var open = Map.of("management.server.port", "8081", "management.server.address", "0.0.0.0");
    assertThrows(Unsafe.class, () -> start("orchestrator", open));
    var alone = start("orchestrator", Map.of("management.server.port", "8081"));
    assertEquals("127.0.0.1", alone.getProperty("management.server.address"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"identity", "api", "issuer"})
  void anOrchestratorNeedsAllThree(String missing) {
    Map<String, String> given = new HashMap<>(Map.of("server.address", "0.0.0.0"));
    if (!missing.equals("identity")) {
      given.putAll(IDENTITY);
    }
    if (!missing.equals("api")) {
      given.putAll(API);
    }
    if (!missing.equals("issuer")) {
      given.putAll(ISSUER);
    }
    assertThrows(Unsafe.class, () -> start("orchestrator", given));
    given.putAll(IDENTITY);
    given.putAll(API);
    given.putAll(ISSUER);
    assertDoesNotThrow(() -> start("orchestrator", given));
  }

  @Test
  void anAgentWithAnIdentityServesWithItAndAsksForOne() {
    ConfigurableEnvironment agent = start("agent", with(IDENTITY, "server.address", "0.0.0.0"));
    assertEquals("need", agent.getProperty("server.ssl.client-auth"));
    assertEquals("fermata-identity", agent.getProperty("server.ssl.bundle"));
    String bundle = "spring.ssl.bundle.pem.fermata-identity.";
    assertEquals("TLSv1.3", agent.getProperty(bundle + "options.enabled-protocols"));
    assertEquals("true", agent.getProperty(bundle + "reload-on-update"));
  }

  @Test
  void theApiHasAuthoritiesOfItsOwn() {
    Map<String, String> given = with(IDENTITY, "fermata.access.client-authorities", "/people.crt");
    given.putAll(API);
    ConfigurableEnvironment orchestrator = start("orchestrator", given);
    String bundle = "spring.ssl.bundle.pem.fermata-api.";
    assertEquals("/people.crt", orchestrator.getProperty(bundle + "truststore.certificate"));
    assertEquals("want", orchestrator.getProperty("server.ssl.client-auth"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"certificate", "private-key", "authorities"})
  void filesThatAreGivenInPartAreAMistake(String missing) {
    Map<String, String> given = new HashMap<>(IDENTITY);
    given.remove("fermata.identity." + missing);
    Unsafe refused = assertThrows(Unsafe.class, () -> start("agent", given));
    assertTrue(refused.getMessage().contains(missing + ": missing"), refused.getMessage());
  }

  @Test
  void whoSaysSoMayListenAnywhere() {
    var open = Map.of("server.address", "0.0.0.0", "fermata.insecure-bind", "true");
    assertDoesNotThrow(() -> start("agent", open));
  }

  @Test
  void withoutAPortNothingIsRefused() {
    var listing = Map.of("server.address", "0.0.0.0", "spring.main.web-application-type", "none");
    assertFalse(start("agent", listing).containsProperty("server.ssl.bundle"));
  }

  private static Map<String, String> with(Map<String, String> base, String name, String value) {
    Map<String, String> all = new HashMap<>(base);
    all.put(name, value);
    return all;
  }

  private static ConfigurableEnvironment start(String role, Map<String, String> settings) {
    var environment = new StandardEnvironment();
    Map<String, Object> given = new HashMap<>();
    given.put("fermata.role", role);
    given.put("server.address", "127.0.0.1");
    given.putAll(settings);
    environment.getPropertySources().addFirst(new MapPropertySource("given", given));
    new StartRules(type -> LogFactory.getLog(StartRules.class))
        .postProcessEnvironment(environment, new SpringApplication());
    return environment;
  }
}

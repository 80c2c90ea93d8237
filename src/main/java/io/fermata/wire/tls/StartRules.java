package io.fermata.wire.tls;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.logging.Log;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Before anything listens: turns the files of {@code fermata.identity} and {@code fermata.access}
 * into what Spring serves with, and refuses to start where somebody else could reach a process that
 * asks nobody who he is.
 *
 * <p>Everything may listen on the loopback interface. Beyond it an agent needs an identity, an
 * orchestrator an identity, a certificate for its API and an issuer of tokens (or authorities of
 * client certificates). {@code fermata.insecure-bind=true} lifts the rule and leaves a warning.
 */
final class StartRules implements EnvironmentPostProcessor {
  private static final String IDENTITY = "fermata.identity.";
  private static final String ACCESS = "fermata.access.";
  private static final String BUNDLE = "spring.ssl.bundle.pem.";
  private static final String API_BUNDLE = "fermata-api";
  private static final String INSECURE = "fermata.insecure-bind";

  private final Log log;

  StartRules(DeferredLogFactory logs) {
    log = logs.getLog(StartRules.class);
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    String role = environment.getProperty("fermata.role");
    String web = environment.getProperty("spring.main.web-application-type");
    if (role == null || "none".equals(web)) {
      return; // no process of ours, or one that serves nothing
    }
    new Rules(environment, role.equals("agent")).apply();
  }

  /** One start. */
  private final class Rules {
    private final ConfigurableEnvironment environment;
    private final boolean agent;
    private final List<String> problems = new ArrayList<>();
    private final Map<String, Object> derived = new LinkedHashMap<>();

    Rules(ConfigurableEnvironment environment, boolean agent) {
      this.environment = environment;
      this.agent = agent;
    }

    void apply() {
      boolean identity = whole(IDENTITY, "certificate", "private-key", "authorities");
      boolean api = !agent && whole(ACCESS, "certificate", "private-key");
      if (identity) {
        bundle(IdentitySettings.BUNDLE, IDENTITY, "authorities");
      }
      if (agent && identity) {
        serve(IdentitySettings.BUNDLE, "need");
      }
      if (api) {
        bundle(API_BUNDLE, ACCESS, "client-authorities");
        serve(API_BUNDLE, has(ACCESS + "client-authorities") ? "want" : "none");
      }
      if (has("management.server.port") && !has("management.server.address")) {
        // By itself it would listen at every address, whatever the server has.
        derived.put("management.server.address", given("server.address"));
      }
      listen(missing(identity, api));
      if (!problems.isEmpty()) {
        throw new Unsafe(problems);
      }
      environment.getPropertySources().addLast(new MapPropertySource("fermata-tls", derived));
    }

    private List<String> missing(boolean identity, boolean api) {
      List<String> missing = new ArrayList<>();
      if (!identity) {
        missing.add("no certificate for other processes (fermata.identity.certificate)");
      }
      if (!agent && !api) {
        missing.add("no certificate for the API (fermata.access.certificate)");
      }
      if (!agent && !has(ACCESS + "issuer") && !has(ACCESS + "client-authorities")) {
        missing.add("nobody who says who a caller is (fermata.access.issuer)");
      }
      return missing;
    }

    private void listen(List<String> missing) {
      if (missing.isEmpty()) {
        return;
      }
      String why = String.join("; ", missing);
      List<String> open = new ArrayList<>();
      beyond("server.address", open);
      if (has("management.server.port")) {
        beyond("management.server.address", open);
      }
      if (agent) {
        beyond("fermata.agent.data-plane.bind", open);
      }
      if (open.isEmpty()) {
        log.info("Listening on this machine only, and asking nobody who he is: " + why);
      } else if (environment.getProperty(INSECURE, Boolean.class, false)) {
        log.warn(
            "INSECURE: whoever reaches "
                + String.join(", ", open)
                + " may do everything ("
                + INSECURE
                + "=true): "
                + why);
      } else {
        problems.add("Listening on " + String.join(", ", open) + " is refused: " + why + ".");
      }
    }

    /** Loopback is the default of all of them but the management port's, which has the server's. */
    private void beyond(String property, List<String> open) {
      String given = environment.getProperty(property);
      String address = given == null ? null : host(given);
      if (given == null && property.startsWith("management")) {
        address = environment.getProperty("server.address");
      } else if (given == null && property.endsWith(".bind")) {
        return;
      }
      if (!isLoopback(address)) {
        open.add(property + "=" + (given == null ? "(every address)" : given));
      }
    }

    private boolean whole(String prefix, String... names) {
      List<String> absent = List.of(names).stream().filter(name -> !has(prefix + name)).toList();
      if (!absent.isEmpty() && absent.size() < names.length) {
        absent.forEach(name -> problems.add(prefix + name + ": missing; the others are given"));
      }
      return absent.isEmpty();
    }

    private boolean has(String property) {
      String value = environment.getProperty(property);
      return value != null && !value.isBlank();
    }

    private void bundle(String name, String prefix, String authorities) {
      String at = BUNDLE + name + ".";
      derived.put(at + "keystore.certificate", given(prefix + "certificate"));
      derived.put(at + "keystore.private-key", given(prefix + "private-key"));
      derived.put(at + "keystore.verify-keys", true);
      if (has(prefix + authorities)) {
        derived.put(at + "truststore.certificate", given(prefix + authorities));
      }
      derived.put(at + "options.enabled-protocols", "TLSv1.3");
      derived.put(at + "reload-on-update", true);
    }

    private String given(String property) {
      return String.valueOf(environment.getProperty(property));
    }

    private void serve(String bundle, String clientAuth) {
      derived.put("server.ssl.bundle", bundle);
      derived.put("server.ssl.client-auth", clientAuth);
    }
  }

  private static String host(String address) {
    boolean port = address.matches("(\\[.*]|[^:]*):[0-9]+");
    String host = port ? address.substring(0, address.lastIndexOf(':')) : address;
    return host.replaceAll("^\\[|]$", "");
  }

  private static boolean isLoopback(@Nullable String address) {
    if (address == null || address.isBlank()) {
      return false; // every address
    }
    try {
      for (InetAddress each : InetAddress.getAllByName(address)) {
        if (!each.isLoopbackAddress()) {
          return false;
        }
      }
      return true;
    } catch (UnknownHostException e) {
      return false; // a name that leads nowhere promises nothing
    }
  }
}

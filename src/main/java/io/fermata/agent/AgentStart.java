package io.fermata.agent;

import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Before an agent's context is made: settings with which it cannot start are found here, where
 * nothing has to be taken down again, and with {@code agent --list} and {@code agent --init}
 * nothing is served and nothing printed but what was asked for.
 */
final class AgentStart implements EnvironmentPostProcessor {
  static final String LIST = "list";
  static final String INIT = "init";

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    if (!"agent".equals(environment.getProperty("fermata.role"))) {
      return;
    }
    Binder.get(environment).bindOrCreate("fermata.agent", AgentSettings.class);
    if (environment.containsProperty(LIST) || environment.containsProperty(INIT)) {
      Map<String, Object> quiet =
          Map.of(
              "spring.main.web-application-type", "none",
              // Only what is asked for is made.
              "spring.main.lazy-initialization", "true",
              "logging.level.root", "error",
              // Nobody is spoken to, so nobody has to be proved; the files may not be there yet.
              "fermata.identity.certificate", "");
      environment.getPropertySources().addFirst(new MapPropertySource("list", quiet));
    }
  }
}

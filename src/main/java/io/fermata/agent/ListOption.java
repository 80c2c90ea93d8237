package io.fermata.agent;

import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/** With {@code agent --list} nothing is served and nothing but the table is printed. */
final class ListOption implements EnvironmentPostProcessor {
  static final String LIST = "list";

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    boolean agent = "agent".equals(environment.getProperty("fermata.role"));
    if (agent && environment.containsProperty(LIST)) {
      Map<String, Object> quiet =
          Map.of("spring.main.web-application-type", "none", "logging.level.root", "error");
      environment.getPropertySources().addFirst(new MapPropertySource("list", quiet));
    }
  }
}

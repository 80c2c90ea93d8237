package io.fermata.api;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.stereotype.Component;

/**
 * Settings that may be shown to whoever helps: those of this program whose names are on a list. A
 * setting that nobody thought of is not shown; an address loses its user and password.
 */
@Component
class PlainSettings {
  private static final Pattern SHOWN =
      Pattern.compile(
          "fermata\\.(role|api|migration|journal|audit|limits|webhooks|fleet|agent)\\..*"
              + "|server\\.(port|address)");
  private static final Pattern SECRET =
      Pattern.compile("(?i).*(secret|password|token|credential|private|key(?!-retention)).*");
  private static final Pattern USER = Pattern.compile("://[^/@\\s]*@");
  private static final Pattern QUERY = Pattern.compile("\\?\\S*");
  private static final String HIDDEN = "(not shown)";

  private final ConfigurableEnvironment environment;

  PlainSettings(ConfigurableEnvironment environment) {
    this.environment = environment;
  }

  /** Each setting with its value, or a word in place of it. */
  Map<String, String> shown() {
    Map<String, String> all = new TreeMap<>();
    environment.getPropertySources().stream()
        .filter(EnumerablePropertySource.class::isInstance)
        .map(EnumerablePropertySource.class::cast)
        .forEach(source -> {
          for (String name : source.getPropertyNames()) {
            if (SHOWN.matcher(name).matches()) {
              all.putIfAbsent(name, value(name));
            }
          }
        });
    return all;
  }

  private String value(String name) {
    if (SECRET.matcher(name).matches()) {
      return HIDDEN;
    }
    String value = environment.getProperty(name);
    if (value == null) {
      return "";
    }
    String anonymous = USER.matcher(value).replaceAll("://…@");
    return QUERY.matcher(anonymous).replaceAll("?…");
  }
}

package io.fermata.api;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.representer.Representer;

/**
 * The description of the API, put together from {@code openapi/common.yaml} and one file for each
 * tag. A name that two files define is a mistake, and the server does not start with it.
 */
final class OpenApi {
  private static final String PLACE = "classpath:/openapi/*.yaml";
  private static final String COMMON = "common.yaml";

  private OpenApi() {}

  /** All files merged, with {@code common.yaml} first and the tags by name. */
  static Map<String, Object> merged() throws IOException {
    Resource[] files = new PathMatchingResourcePatternResolver().getResources(PLACE);
    List<Resource> order = new ArrayList<>(List.of(files));
    order.sort(
        Comparator.comparing((Resource file) -> !COMMON.equals(file.getFilename()))
            .thenComparing(file -> Objects.requireNonNull(file.getFilename())));
    Map<String, Object> all = new LinkedHashMap<>();
    for (Resource file : order) {
      try (InputStream in = file.getInputStream()) {
        add(all, map(new Yaml(new SafeConstructor(new LoaderOptions())).load(in)), "");
      }
    }
    return all;
  }

  private static void add(Map<String, Object> all, Map<String, Object> more, String path) {
    more.forEach((key, value) -> {
      String at = path + "/" + key;
      Object known = all.get(key);
      if (known == null) {
        all.put(key, value instanceof List<?> list ? new ArrayList<>(list) : value);
      } else if (known instanceof Map<?, ?> && value instanceof Map<?, ?>) {
        add(map(known), map(value), at);
      } else if (known instanceof List<?> && value instanceof List<?> list) {
        list(known).addAll(list);
      } else {
        throw new IllegalStateException("two files of the API's description define " + at);
      }
    });
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(Object value) {
    return (List<Object>) value;
  }

  /** As YAML, without anchors and aliases, which not every reader of OpenAPI knows. */
  static String yaml(Map<String, Object> document) {
    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    options.setDereferenceAliases(true);
    options.setWidth(100);
    return new Yaml(new Representer(options), options).dump(document);
  }
}

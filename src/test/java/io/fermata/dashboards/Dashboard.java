package io.fermata.dashboards;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * One dashboard as Grafana imports it. It names no data source and no cluster: both are chosen in
 * the dashboard.
 *
 * @param selection what narrows every query, such as {@code host=~"$host"}; may be empty
 * @param variables labels that can be chosen, each with a metric that has it
 */
record Dashboard(
    String file,
    String title,
    String selection,
    Map<String, String> variables,
    List<Panel> panels) {
  private static final int WIDTH = 12;
  private static final int HEIGHT = 8;
  private static final Pattern METRIC = Pattern.compile("([a-z_:]+)\\{([^}]*)}");
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** The query as it is sent, with this dashboard's selection in every selector. */
  String query(Panel.Question question) {
    return METRIC
        .matcher(question.query())
        .replaceAll(m -> {
          String own = m.group(2);
          String all = "cluster=~\"$cluster\"" + (selection.isEmpty() ? "" : "," + selection);
          String whole = own.isEmpty() ? all : own + "," + all;
          return Matcher.quoteReplacement(m.group(1) + "{" + whole + "}");
        });
  }

  /** The file's text. */
  String json() {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("uid", "fermata-" + file);
    root.put("title", "Fermata / " + title);
    root.put("tags", List.of("fermata"));
    root.put("schemaVersion", 39);
    root.put("refresh", "10s");
    root.put("time", Map.of("from", "now-1h"));
    root.put("templating", Map.of("list", choices()));
    root.put("panels", IntStream.range(0, panels.size()).mapToObj(this::panel).toList());
    return JSON.writeValueAsString(root) + "\n";
  }

  private List<Map<String, Object>> choices() {
    List<Map<String, Object>> list = new ArrayList<>();
    Map<String, Object> source = new LinkedHashMap<>();
    source.put("name", "datasource");
    source.put("type", "datasource");
    source.put("query", "prometheus");
    list.add(source);
    list.add(choice("cluster", "fermata_build_info"));
    variables.forEach((label, metric) -> list.add(choice(label, metric)));
    return list;
  }

  private static Map<String, Object> choice(String label, String metric) {
    Map<String, Object> choice = new LinkedHashMap<>();
    choice.put("name", label);
    choice.put("type", "query");
    choice.put("datasource", source());
    choice.put("query", "label_values(" + metric + ", " + label + ")");
    choice.put("refresh", 2);
    choice.put("multi", true);
    choice.put("includeAll", true);
    choice.put("allValue", ".*");
    return choice;
  }

  private static Map<String, Object> source() {
    Map<String, Object> source = new LinkedHashMap<>();
    source.put("type", "prometheus");
    source.put("uid", "${datasource}");
    return source;
  }

  private Map<String, Object> panel(int number) {
    Panel panel = panels.get(number);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", number + 1);
    json.put("title", panel.title());
    json.put("type", panel.look().type);
    json.put("datasource", source());
    Map<String, Object> place = new LinkedHashMap<>();
    place.put("x", number % 2 * WIDTH);
    place.put("y", number / 2 * HEIGHT);
    place.put("w", WIDTH);
    place.put("h", HEIGHT);
    json.put("gridPos", place);
    Map<String, Object> defaults = new LinkedHashMap<>();
    defaults.put("unit", panel.unit());
    if (panel.look() == Panel.Look.STACK) {
      Map<String, Object> custom = new LinkedHashMap<>();
      custom.put("fillOpacity", 40);
      custom.put("stacking", Map.of("mode", "normal"));
      defaults.put("custom", custom);
    }
    json.put("fieldConfig", Map.of("defaults", defaults));
    json.put(
        "targets",
        IntStream.range(0, panel.questions().size()).mapToObj(i -> target(panel, i)).toList());
    return json;
  }

  private Map<String, Object> target(Panel panel, int number) {
    Panel.Question question = panel.questions().get(number);
    Map<String, Object> target = new LinkedHashMap<>();
    target.put("refId", String.valueOf((char) ('A' + number)));
    target.put("datasource", source());
    target.put("expr", query(question));
    target.put("legendFormat", question.legend());
    if (panel.look() == Panel.Look.TABLE || panel.look() == Panel.Look.NUMBER) {
      target.put("instant", true);
    }
    if (panel.look() == Panel.Look.TABLE) {
      target.put("format", "table");
    } else if (panel.look() == Panel.Look.HEATMAP) {
      target.put("format", "heatmap");
    }
    target.put("exemplar", question.query().contains("_bucket{"));
    return target;
  }
}

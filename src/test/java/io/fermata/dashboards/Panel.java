package io.fermata.dashboards;

import java.util.ArrayList;
import java.util.List;

/**
 * One panel: what it shows, how, in which unit, and what it asks. In a question {@code {}} after a
 * metric stands for the dashboard's own selection.
 */
record Panel(String title, Look look, String unit, List<Question> questions) {
  /** How values are drawn. */
  enum Look {
    LINES("timeseries"),
    STACK("timeseries"),
    NUMBER("stat"),
    TABLE("table"),
    HEATMAP("heatmap");

    final String type;

    Look(String type) {
      this.type = type;
    }
  }

  /** A query and how its answers are named. */
  record Question(String query, String legend) {}

  static Panel lines(String title, String unit, String... queriesAndLegends) {
    return new Panel(title, Look.LINES, unit, questions(queriesAndLegends));
  }

  static Panel stack(String title, String unit, String... queriesAndLegends) {
    return new Panel(title, Look.STACK, unit, questions(queriesAndLegends));
  }

  static Panel number(String title, String unit, String... queriesAndLegends) {
    return new Panel(title, Look.NUMBER, unit, questions(queriesAndLegends));
  }

  static Panel table(String title, String... queriesAndLegends) {
    return new Panel(title, Look.TABLE, "none", questions(queriesAndLegends));
  }

  /** Buckets over time. */
  static Panel heatmap(String title, String unit, String histogram) {
    String query = "sum by (le) (increase(" + histogram + "_bucket{}[$__rate_interval]))";
    return new Panel(title, Look.HEATMAP, unit, questions(query, "{{le}}"));
  }

  /** The median and the 99th percentile, from classic buckets or else from native ones. */
  static Panel quantiles(String title, String histogram, String... by) {
    List<String> all = new ArrayList<>();
    for (String quantile : List.of("0.5", "0.99")) {
      all.add(quantile(quantile, histogram, by));
      all.add("p" + quantile.substring(2).replace("5", "50").replace("99", "99") + legend(by));
    }
    return lines(title, "s", all.toArray(String[]::new));
  }

  static String quantile(String quantile, String histogram, String... by) {
    String also = by.length == 0 ? "" : ", " + String.join(", ", by);
    String alone = by.length == 0 ? "" : "by (" + String.join(", ", by) + ") ";
    return "histogram_quantile(%s, sum by (le%s) (rate(%s_bucket{}[$__rate_interval])))"
            .formatted(quantile, also, histogram)
        + " or histogram_quantile(%s, sum %s(rate(%s{}[$__rate_interval])))"
            .formatted(quantile, alone, histogram);
  }

  private static String legend(String... by) {
    StringBuilder legend = new StringBuilder();
    for (String label : by) {
      legend.append(" {{").append(label).append("}}");
    }
    return legend.toString();
  }

  private static List<Question> questions(String... queriesAndLegends) {
    List<Question> questions = new ArrayList<>();
    for (int i = 0; i < queriesAndLegends.length; i += 2) {
      questions.add(new Question(queriesAndLegends[i], queriesAndLegends[i + 1]));
    }
    return List.copyOf(questions);
  }
}

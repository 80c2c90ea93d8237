package io.fermata.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One page of metrics in the text format, and what this program's own part of it says. */
final class Scrape {
  private static final String PREFIX = "fermata_";
  private static final Pattern SERIES =
      Pattern.compile("(fermata_\\w+)(?:\\{(.*)\\})? ([^ ]+)(?: #.*)?");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  private final String page;
  private final SortedMap<String, String> types = new TreeMap<>();
  private final SortedMap<String, Double> series = new TreeMap<>();

  Scrape(String page) {
    this.page = page;
    page.lines().forEach(this::read);
  }

  static Scrape of(URI process) {
    return new Scrape(get(process, "text/plain"));
  }

  static String get(URI process, String accept) {
    var request =
        HttpRequest.newBuilder(process.resolve("/actuator/prometheus")).header("Accept", accept);
    try (var client = HttpClient.newHttpClient()) {
      var response = client.send(request.build(), BodyHandlers.ofString());
      assertEquals(200, response.statusCode(), response::body);
      return response.body();
    } catch (IOException e) {
      throw new AssertionError("no page of metrics from " + process, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private void read(String line) {
    if (line.startsWith("# TYPE " + PREFIX)) {
      String[] words = line.split(" ");
      types.put(words[2], words[3]);
    }
    Matcher match = SERIES.matcher(line);
    if (match.matches()) {
      String labels = match.group(2) == null ? "" : match.group(2);
      series.put(match.group(1) + "{" + labels + "}", Double.valueOf(match.group(3)));
    }
  }

  /** Each metric as {@code name type label label…}. */
  SortedSet<String> shapes() {
    SortedSet<String> shapes = new TreeSet<>();
    types.forEach((name, type) -> {
      SortedSet<String> labels = new TreeSet<>();
      series.keySet().stream()
          .filter(each -> belongs(each, name, type))
          .forEach(each -> LABEL.matcher(each).results().forEach(l -> labels.add(l.group(1))));
      labels.remove("le");
      shapes.add((name + " " + type + " " + String.join(" ", labels)).strip());
    });
    return shapes;
  }

  private static boolean belongs(String each, String name, String type) {
    String metric = each.substring(0, each.indexOf('{'));
    return metric.equals(name)
        || (type.equals("histogram") && metric.matches(name + "_(bucket|count|sum)"));
  }

  /** The value of a series, as {@code name{label="value"}}, labels in the order of the page. */
  double value(String name) {
    String key = name.contains("{") ? name : name + "{}";
    Double value = series.get(key);
    if (value == null) {
      throw new AssertionError("no series " + key + " in\n" + String.join("\n", series.keySet()));
    }
    return value;
  }

  /** The sum over all series of that metric whose labels contain all of these. */
  double sum(String metric, String... labels) {
    return series.entrySet().stream()
        .filter(each -> each.getKey().startsWith(metric + "{"))
        .filter(each -> List.of(labels).stream().allMatch(each.getKey()::contains))
        .mapToDouble(each -> each.getValue())
        .sum();
  }

  boolean has(String metric) {
    return series.keySet().stream().anyMatch(each -> each.startsWith(metric + "{"));
  }

  /** All series of this program. */
  int size() {
    return series.size();
  }

  /** This program's lines alone, help and types included. */
  String own() {
    List<String> own = new ArrayList<>();
    page.lines().filter(line -> line.matches("(# (HELP|TYPE) )?fermata_.*")).forEach(own::add);
    return String.join("\n", own) + "\n";
  }
}

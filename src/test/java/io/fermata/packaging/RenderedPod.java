package io.fermata.packaging;

import static java.util.stream.Collectors.joining;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.fermata.Fermata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A pod of the chart as a process of this machine. It is started with the arguments that the chart
 * renders, every one of them; only what a node would give it is given here: its mounts are folders,
 * and it has an address of the loopback network in place of all addresses, so that several can have
 * the same ports.
 */
final class RenderedPod {
  private final Chart chart;
  private final JsonObject workload;
  private final Path folder;
  private final Map<String, String> places = new TreeMap<>();

  /**
   * @param folder with the secrets by their names; what the pod writes goes there too
   */
  RenderedPod(Chart chart, JsonObject workload, Path folder) throws IOException {
    this.chart = chart;
    this.workload = workload;
    this.folder = folder;
    var spec = Chart.at(workload, "spec", "template", "spec").getAsJsonObject();
    for (JsonElement each : Chart.container(workload).getAsJsonArray("volumeMounts")) {
      JsonObject mount = each.getAsJsonObject();
      String name = mount.get("name").getAsString();
      places.put(mount.get("mountPath").getAsString(), mounted(volume(spec, name)).toString());
    }
  }

  private static JsonObject volume(JsonObject spec, String name) {
    for (JsonElement each : spec.getAsJsonArray("volumes")) {
      if (each.getAsJsonObject().get("name").getAsString().equals(name)) {
        return each.getAsJsonObject();
      }
    }
    throw new AssertionError("a mount of no volume: " + name);
  }

  private Path mounted(JsonObject volume) throws IOException {
    if (volume.has("secret")) {
      Path secret = folder.resolve(Chart.at(volume, "secret", "secretName").getAsString());
      if (!Files.isDirectory(secret)) {
        throw new AssertionError("the test has no such secret: " + secret);
      }
      return secret;
    }
    Path place = folder.resolve("volume-" + volume.get("name").getAsString());
    Files.createDirectories(place);
    if (volume.has("configMap")) {
      for (var file : data(Chart.at(volume, "configMap", "name")).entrySet()) {
        Files.writeString(place.resolve(file.getKey()), file.getValue().getAsString());
      }
    }
    return place;
  }

  private JsonObject data(JsonElement name) {
    return chart.all("ConfigMap").stream()
        .filter(each -> Chart.at(each, "metadata", "name").equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no ConfigMap " + name))
        .getAsJsonObject("data");
  }

  /** The folder that a volume of the node or of the pod itself is. */
  Path volume(String name) {
    return folder.resolve("volume-" + name);
  }

  /** One that runs, and where its output is. */
  record Running(Process process, Path output) {
    void mustRun() {
      if (!process.isAlive()) {
        throw new AssertionError("it ended by itself:\n" + text());
      }
    }

    private String text() {
      try {
        return Files.readString(output);
      } catch (IOException e) {
        return e.toString();
      }
    }
  }

  /** Starts it on that node, at that address. */
  Running start(String node, String address) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Fermata.class.getName()));
    for (String argument : Chart.arguments(workload)) {
      command.add(
          here(argument)
              .replace("$(NODE)", node)
              .replace("$(ADDRESS)", address)
              .replace("address=0.0.0.0", "address=" + address));
    }
    Path output = folder.resolve(address);
    return new Running(
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start(),
        output);
  }

  /** In one go, since where a mount is here may look like another mount. */
  private String here(String argument) {
    String mounts = places.keySet().stream().map(Pattern::quote).collect(joining("|"));
    return Pattern.compile("(?<=[=:])(" + mounts + ")(?=/|$)")
        .matcher(argument)
        .replaceAll(found -> Matcher.quoteReplacement(places.get(found.group())));
  }
}

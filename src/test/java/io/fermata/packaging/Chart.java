package io.fermata.packaging;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1DaemonSet;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The chart in {@code helm/fermata}, rendered by Helm itself. Helm's library leaves out hooks and
 * notes, so what is rendered is a copy in which the pod of {@code helm test} is no hook, and in
 * which an object has the notes.
 */
final class Chart {
  static final Path FOLDER = Path.of("helm/fermata");

  private static final Path COPY = Path.of("target/chart/fermata");
  private static final String NOTES =
      """
      apiVersion: v1
      kind: Notes
      text: {{ include (print .Template.BasePath "/NOTES.txt") . | toJson }}
      """;

  private static final String KUBERNETES = "1.31.0";

  /** Refuses a field that the kind does not have, at any depth. */
  private interface Model {
    void check(JsonElement object) throws IOException;
  }

  private static final Map<String, Model> MODELS =
      Map.of(
          "ConfigMap", V1ConfigMap::validateJsonElement,
          "DaemonSet", V1DaemonSet::validateJsonElement,
          "Deployment", V1Deployment::validateJsonElement,
          "NetworkPolicy", V1NetworkPolicy::validateJsonElement,
          "PersistentVolumeClaim", V1PersistentVolumeClaim::validateJsonElement,
          "Pod", V1Pod::validateJsonElement,
          "PodDisruptionBudget", V1PodDisruptionBudget::validateJsonElement,
          "Service", V1Service::validateJsonElement,
          "StatefulSet", V1StatefulSet::validateJsonElement);

  private final List<JsonObject> objects;
  private final String notes;

  private Chart(List<JsonObject> all) {
    objects = all.stream().filter(each -> !kind(each).equals("Notes")).toList();
    notes =
        all.stream()
            .filter(each -> kind(each).equals("Notes"))
            .map(each -> each.get("text").getAsString())
            .findFirst()
            .orElseThrow();
  }

  private static synchronized Path copy() {
    try (Stream<Path> files = Files.walk(FOLDER)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path place = COPY.resolve(FOLDER.relativize(file));
        Files.createDirectories(place.getParent());
        Files.writeString(place, Files.readString(file).replace("helm.sh/hook", "is.a/hook"));
      }
      Files.writeString(COPY.resolve("templates/notes.yaml"), NOTES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return COPY;
  }

  static LintResult lint() {
    return new Helm(FOLDER).lint().strict().call();
  }

  /**
   * Renders with a file of values, then single values.
   *
   * @throws IllegalStateException with Helm's words if it refuses
   */
  static Chart render(Path values, Map<String, Object> more) {
    var command =
        new Helm(copy())
            .template()
            .withName("trial")
            .withNamespace("hypervisors")
            .withKubeVersion(KUBERNETES)
            .withValuesFile(values);
    more.forEach(command::set);
    var options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    List<JsonObject> objects = new ArrayList<>();
    for (Object each : new Yaml(new SafeConstructor(options)).loadAll(command.call())) {
      if (each != null) {
        objects.add(new Gson().toJsonTree(each).getAsJsonObject());
      }
    }
    return new Chart(objects);
  }

  /** What Helm says to whoever installs it. */
  String notes() {
    return notes;
  }

  List<JsonObject> objects() {
    return objects;
  }

  List<JsonObject> all(String kind) {
    return objects.stream().filter(each -> kind(each).equals(kind)).toList();
  }

  JsonObject only(String kind) {
    List<JsonObject> found = all(kind);
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " objects of kind " + kind);
    }
    return found.getFirst();
  }

  /** What brings up the orchestrator: it depends on the journal. */
  JsonObject orchestrator() {
    return only(all("StatefulSet").isEmpty() ? "Deployment" : "StatefulSet");
  }

  /** The pods of all kinds: their metadata and spec. */
  List<JsonObject> pods() {
    List<JsonObject> pods = new ArrayList<>(all("Pod"));
    for (String kind : List.of("Deployment", "StatefulSet", "DaemonSet")) {
      all(kind).forEach(each -> pods.add(at(each, "spec", "template").getAsJsonObject()));
    }
    return pods;
  }

  /** What the pod of {@code helm test} runs. */
  String testScript() {
    JsonObject container =
        at(only("Pod"), "spec", "containers").getAsJsonArray().get(0).getAsJsonObject();
    if (!container.get("command").toString().equals("[\"sh\",\"-ec\"]")) {
      throw new AssertionError("it runs no script: " + container);
    }
    return container.getAsJsonArray("args").get(0).getAsString();
  }

  /** The only container of a workload. */
  static JsonObject container(JsonObject workload) {
    JsonElement containers = at(workload, "spec", "template", "spec", "containers");
    return containers.getAsJsonArray().get(0).getAsJsonObject();
  }

  /** Its arguments. */
  static List<String> arguments(JsonObject workload) {
    return StreamSupport.stream(container(workload).getAsJsonArray("args").spliterator(), false)
        .map(JsonElement::getAsString)
        .toList();
  }

  static String kind(JsonObject object) {
    return object.get("kind").getAsString();
  }

  /** What is found under these names; an error that names the missing one. */
  static JsonElement at(JsonObject object, String... names) {
    JsonElement here = object;
    for (String name : names) {
      here = Objects.requireNonNull(here.getAsJsonObject().get(name), name);
    }
    return here;
  }

  /** Fails on an object of Kubernetes' own kinds that has a field which that kind has not. */
  static void check(JsonObject object) throws IOException {
    Model model = MODELS.get(kind(object));
    if (model != null) {
      model.check(object);
    } else if (!at(object, "apiVersion").getAsString().equals("monitoring.coreos.com/v1")) {
      throw new AssertionError("no model for " + kind(object));
    }
  }
}

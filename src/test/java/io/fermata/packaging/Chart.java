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
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The chart in {@code helm/fermata}, rendered by Helm itself. */
final class Chart {
  static final Path FOLDER = Path.of("helm/fermata");

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
          "Service", V1Service::validateJsonElement);

  private final List<JsonObject> objects;

  private Chart(List<JsonObject> objects) {
    this.objects = objects;
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
        new Helm(FOLDER)
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

  /** The pods of all kinds: their metadata and spec. */
  List<JsonObject> pods() {
    List<JsonObject> pods = new ArrayList<>(all("Pod"));
    for (String kind : List.of("Deployment", "DaemonSet")) {
      all(kind).forEach(each -> pods.add(at(each, "spec", "template").getAsJsonObject()));
    }
    return pods;
  }

  /** The arguments of a workload's only container. */
  static List<String> arguments(JsonObject workload) {
    JsonElement containers = at(workload, "spec", "template", "spec", "containers");
    var container = containers.getAsJsonArray().get(0).getAsJsonObject();
    return StreamSupport.stream(container.getAsJsonArray("args").spliterator(), false)
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

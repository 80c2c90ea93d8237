package io.fermata.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.api.ApiDescription.Operation;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.view.Stuck;
import io.fermata.device.DeviceState;
import io.fermata.drain.Blocker;
import io.fermata.drain.Drain;
import io.fermata.drain.Move;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.migration.Failure;
import io.fermata.migration.Gate;
import io.fermata.migration.Outcome;
import io.fermata.migration.Phase;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;

/** The description of the API says all of it, nothing else, and never takes anything back. */
class OpenApiTest {
  private static final String BASE = "/api/v1";
  private static final Path BASELINE = Path.of("src/test/resources/openapi-baseline.json");
  private static final Pattern KNOWN = Pattern.compile("known: ([^\"]*)\"");

  /** Fields that this version refuses with a reason. */
  private static final Map<String, Set<String>> NOT_YET =
      Map.of("PATCH /migrations/{m}", Set.of("bandwidth"));

  private final ApiServer api = ApiServer.fresh();
  private final ApiDescription described = ApiDescription.own();

  @Test
  void itIsServedAsYamlAndAsJson() {
    HttpResponse<String> yaml = api.get("/openapi.yaml");
    assertEquals(200, yaml.statusCode());
    assertTrue(yaml.headers().firstValue("Content-Type").orElse("").startsWith("application/yaml"));
    assertEquals(
        described.root, Json.read(new String(Json.bytes(new Yaml().load(yaml.body())), UTF_8)));
    assertEquals(described.root, ApiServer.json(api.get("/openapi.yaml?o=json")));
  }

  @Test
  void everyMappingIsDescribedAndEveryDescriptionIsMapped() {
    Set<String> mapped = new TreeSet<>();
    api.context
        .getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
        .getHandlerMethods()
        .keySet()
        .forEach(mapping ->
            mapping.getPatternValues().stream()
                .filter(path -> path.startsWith(BASE))
                .forEach(path ->
                    mapping
                        .getMethodsCondition()
                        .getMethods()
                        .forEach(m -> mapped.add(m + " " + path.substring(BASE.length())))));
    Set<String> told =
        described
            .operations()
            .map(Operation::toString)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(mapped, told);
  }

  @TestFactory
  Stream<DynamicTest> parametersAndFieldsAreThoseThatAreTaken() {
    return each(operation -> {
      HttpResponse<String> refused = send(operation, "?unheard-of=1", "{\"unheard-of\":1}");
      Set<String> query = described.names(operation, "query");
      assertEquals(query, known(refused), operation + " takes these query parameters");
      JsonNode body = body(operation);
      if (body != null) {
        JsonNode schema = described.at(body.get("schema"));
        Set<String> fields = new TreeSet<>(schema.get("properties").propertyNames());
        HttpResponse<String> strange = send(operation, "", "{\"unheard-of\":1}");
        Set<String> taken = known(strange);
        taken.removeAll(NOT_YET.getOrDefault(operation.toString(), Set.of()));
        assertEquals(fields, taken, operation + " takes these fields");
      }
    });
  }

  private static Set<String> known(HttpResponse<String> refused) {
    assertEquals(422, refused.statusCode(), refused::body);
    Matcher known = KNOWN.matcher(refused.body());
    assertTrue(known.find(), refused::body);
    Set<String> names = new TreeSet<>(List.of(known.group(1).split(", ")));
    names.remove("");
    return names;
  }

  @TestFactory
  Stream<DynamicTest> everyExampleIsAnsweredAsDescribed() {
    return each(operation -> {
      JsonNode body = body(operation);
      String sent = body == null ? "" : body.get("example").toString();
      HttpResponse<String> json = send(operation, query(operation), sent);
      assertTrue(json.statusCode() < 300, operation + ": " + json.body());
      JsonNode answer = operation.body().get("responses").get("" + json.statusCode());
      assertTrue(answer != null, operation + " answered " + json.statusCode());
      JsonNode content = answer.get("content");
      if (content != null && content.get("application/json") != null) {
        JsonNode schema = content.get("application/json").get("schema");
        assertEquals(List.of(), described.errors(ApiServer.json(json), schema, "$"), json::body);
        if (content.get("text/plain") != null) {
          String text = query(operation).replace("o=json", "o=text");
          HttpResponse<String> people = send(operation, text, sent);
          String type = people.headers().firstValue("Content-Type").orElse("");
          assertTrue(type.startsWith("text/plain"), operation + ": " + type);
        }
      }
    });
  }

  private Stream<DynamicTest> each(java.util.function.Consumer<Operation> check) {
    return described
        .operations()
        .map(operation ->
            DynamicTest.dynamicTest(
                operation.toString(),
                () -> {
                  ApiServer.fresh();
                  check.accept(operation);
                }));
  }

  private static JsonNode body(Operation operation) {
    JsonNode body = operation.body().get("requestBody");
    return body == null ? null : body.get("content").get("application/json");
  }

  private String query(Operation operation) {
    String query =
        described.parameters(operation, "query").stream()
            .filter(parameter -> parameter.has("example"))
            .map(p -> p.get("name").asString() + "=" + encoded(p.get("example").asString()))
            .collect(Collectors.joining("&"));
    return query.isEmpty() ? "" : "?" + query;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  /** The operation with the examples of its path, on a migration in the phase that it wants. */
  private HttpResponse<String> send(Operation operation, String query, String body) {
    ExampleState.put(api, operation.body().get("x-phase"));
    String path = operation.path();
    if (path.equals("/recovery/accept")) {
      api.recovery.put(RecoveryTest.quarantine(null));
    }
    for (JsonNode parameter : described.parameters(operation, "path")) {
      String name = parameter.get("name").asString();
      String example = parameter.get("example").asString();
      String real = name.equals("s") ? ExampleState.subscription(api) : example;
      if (operation.path().startsWith("/drains/")) {
        real = ExampleState.drain(api);
      }
      path = path.replace("{" + name + "}", encoded(real));
    }
    var request =
        HttpRequest.newBuilder(URI.create(api.at(BASE + path) + query))
            .header("Content-Type", "application/json");
    described.parameters(operation, "header").stream()
        .filter(parameter -> parameter.has("example"))
        .forEach(p -> request.header(p.get("name").asString(), p.get("example").asString()));
    String method = operation.method().toUpperCase(Locale.ROOT);
    var publisher = method.equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString(body);
    return api.send(request.method(method, publisher));
  }

  @Test
  void wordsAreThoseOfTheCode() {
    words("ProblemCode", ProblemCode.values());
    words("Phase", Phase.values());
    words("Outcome", Outcome.values());
    words("FailureCode", Failure.Code.values());
    words("GateName", Gate.Name.values());
    words("DeviceState", DeviceState.values());
    words("HostAgentState", AgentState.values());
    words("StuckWay", Stuck.Way.values());
    words("DrainPhase", Drain.Phase.values());
    words("DrainMoveState", Move.State.values());
    words("DrainBlockerCode", Blocker.Code.values());
  }

  private void words(String schema, Enum<?>... constants) {
    JsonNode listed = described.root.get("components").get("schemas").get(schema).get("enum");
    Set<String> coded = new TreeSet<>(Stream.of(constants).map(Enum::name).toList());
    Set<String> told = new TreeSet<>(listed.valueStream().map(JsonNode::asString).toList());
    assertEquals(coded, told, schema);
  }

  @Test
  void changesAreAdditive() throws IOException {
    if (Boolean.getBoolean("fermata.openapi.accept") || !Files.exists(BASELINE)) {
      Files.write(BASELINE, Json.indented(described.root));
    }
    var before = new ApiDescription(Json.read(Files.readString(BASELINE)));
    assertEquals(
        List.of(),
        Additive.breaks(before, described),
        "callers rely on these; what was only added is accepted with"
            + " -Dfermata.openapi.accept=true");
  }

  @Test
  void whatWasTakenBackIsFound() {
    String text = described.root.toString();
    for (String[] change :
        new String[][] {
          {"\"/migrations/{m}/abort\"", "\"/migrations/{m}/stop\""},
          {"\"SEALING\"", "\"SIGNING\""},
          {"\"switchoverAsked\"", "\"switchover\""},
          {"\"name\":\"dryRun\"", "\"name\":\"dry\""},
          {"\"required\":[\"state\",\"reason\"]", "\"required\":[\"state\",\"reason\",\"x\"]"},
          {"\"text/plain\"", "\"text/html\""}
        }) {
      assertTrue(text.contains(change[0]), change[0]);
      var after = new ApiDescription(Json.read(text.replace(change[0], change[1])));
      List<String> breaks = new ArrayList<>(Additive.breaks(described, after));
      assertThrows(AssertionError.class, () -> assertEquals(List.of(), breaks), change[0]);
    }
  }
}

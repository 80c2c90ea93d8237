package io.fermata.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.Fermata;
import io.fermata.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ApplicationContext;
import org.springframework.http.server.PathContainer;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Runbooks are served, and every command in them asks for something that exists. */
class RunbooksTest {
  private static final Path RUNBOOKS = Path.of("src/docs/runbooks");
  private static final Pattern BLOCK = Pattern.compile("(?s)```sh\n(.*?)```");
  private static final Pattern CURL = Pattern.compile("curl (.*?)(?:\\||$)", Pattern.MULTILINE);
  private static final Pattern URL =
      Pattern.compile("\"\\$(F|P|A|\\{A%/agent/v1})([^\"?]*)(?:\\?[^\"]*)?\"");

  private final ApiServer server = ApiServer.fresh();

  @Test
  void aRunbookIsTextUnlessJsonIsAskedFor() throws IOException {
    var text = server.get("/runbooks/FermataJournalSlow");
    assertEquals(200, text.statusCode());
    assertTrue(text.headers().firstValue("Content-Type").orElse("").startsWith("text/plain"));
    String file = Files.readString(RUNBOOKS.resolve("FermataJournalSlow.md"));
    assertTrue(text.body().startsWith(file), text::body);
    var json = ApiServer.json(server.get("/runbooks/FermataJournalSlow?o=json"));
    assertEquals("FermataJournalSlow", json.get("alert").asString());
    assertEquals(file, json.get("markdown").asString());
  }

  @Test
  void allAreListed() throws IOException {
    try (Stream<Path> files = Files.list(RUNBOOKS)) {
      List<String> names =
          files.map(file -> file.getFileName().toString().replace(".md", "")).sorted().toList();
      List<String> listed =
          ApiServer.json(server.get("/runbooks?o=json"))
              .get("items")
              .valueStream()
              .map(item -> item.asString())
              .toList();
      assertEquals(names, listed);
    }
  }

  @Test
  void whatIsNoAlertIsNotFoundAndReadsNoOtherFile() {
    for (String name : List.of("Nothing", "..%2fapplication", "FermataJournalSlow.md")) {
      assertTrue(server.get("/runbooks/" + name).statusCode() >= 400, name);
    }
    var missing = server.get("/runbooks/Nothing");
    assertEquals(404, missing.statusCode());
    assertTrue(missing.body().contains("$F/runbooks"), missing::body);
  }

  @Test
  void everyCommandAsksForSomethingThatExists(@TempDir Path directory) throws IOException {
    try (var agent =
        Fermata.start(
            Role.AGENT,
            List.of(
                "--server.port=0",
                "--fermata.agent.host=host-a",
                "--fermata.agent.directory=" + directory,
                "--fermata.agent.backend=emulated"))) {
      List<String> wrong = new ArrayList<>();
      int commands = 0;
      for (Path file : files()) {
        for (String command : commands(Files.readString(file))) {
          commands++;
          if (!exists(command, agent)) {
            wrong.add(file.getFileName() + ": curl " + command);
          }
        }
      }
      assertTrue(commands > 100, "only " + commands + " commands: are they still recognised?");
      assertEquals(List.of(), wrong);
    }
  }

  @Test
  void aCommandThatLeadsNowhereIsFound() {
    assertFalse(exists("-s \"$F/migrations/$M/explane\"", server.context));
    assertFalse(exists("-s -X DELETE \"$F/migrations/$M\"", server.context));
    assertFalse(exists("-s \"$P/actuator/env\"", server.context));
    assertTrue(exists("-s \"$F/migrations/$M/explain?o=text\"", server.context));
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(RUNBOOKS)) {
      return files.sorted().toList();
    }
  }

  private static List<String> commands(String markdown) {
    return BLOCK
        .matcher(markdown)
        .results()
        .map(block -> block.group(1).replace("\\\n", " "))
        .flatMap(block -> CURL.matcher(block).results())
        .map((MatchResult curl) -> curl.group(1))
        .toList();
  }

  private boolean exists(String command, ApplicationContext agent) {
    Matcher url = URL.matcher(command);
    if (!url.find()) {
      return false;
    }
    String path = url.group(2).replaceAll("\\$[MS]\\b", "m0000001");
    RequestMethod method = method(command);
    return switch (url.group(1)) {
      case "F" -> mapped(server.context, method, "/api/v1" + path);
      case "A" -> mapped(agent, method, "/agent/v1" + path);
      default -> Set.of("/actuator/health", "/actuator/prometheus").contains(path);
    };
  }

  private static RequestMethod method(String command) {
    Matcher named = Pattern.compile("-X (\\w+)").matcher(command);
    if (named.find()) {
      return RequestMethod.valueOf(named.group(1));
    }
    return command.contains(" -d ") ? RequestMethod.POST : RequestMethod.GET;
  }

  private static boolean mapped(ApplicationContext context, RequestMethod method, String path) {
    var mappings =
        context.getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class);
    return mappings.getHandlerMethods().keySet().stream()
        .anyMatch(mapping -> takes(mapping, method, path));
  }

  private static boolean takes(RequestMappingInfo mapping, RequestMethod method, String path) {
    var patterns = mapping.getPathPatternsCondition();
    return patterns != null
        && mapping.getMethodsCondition().getMethods().contains(method)
        && patterns.getPatterns().stream()
            .anyMatch(pattern -> pattern.matches(PathContainer.parsePath(path)));
  }
}

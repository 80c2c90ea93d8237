package io.fermata.chaos.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * Orchestrators and two agents as processes, each in its own namespace.
 *
 * <pre>
 *   alone     o, its journal a file            a, b
 *   shared    o and p, their journal in d      a, b
 * </pre>
 */
final class Cluster implements AutoCloseable {
  static final String VM = "vm-chaos";
  static final String ORCHESTRATOR = "o";
  static final String REPLICA = "p";
  static final String DATABASE = "d";
  static final List<String> HOSTS = List.of("a", "b");
  static final int DEVICES = 4;
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int API_PORT = 8080;
  private static final int AGENT_PORT = 8090;

  /** Name, profile and bytes of state: two that pre-copy, two that do not. */
  private static final String[][] SET = {
    {"gpu0", "gpu", "4194304"},
    {"gpu1", "gpu", "2097152"},
    {"nic0", "connectx", "1048576"},
    {"nvme0", "nvme", "1048576"}
  };

  private final Path jar;
  private final Path folder;
  private final Network network;
  private final Shape shape;
  private final SortedMap<String, Member> members = new TreeMap<>();
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private final Witness witness;

  /** Who keeps the journal. */
  enum Shape {
    ALONE,
    SHARED;

    List<String> orchestrators() {
      return this == SHARED ? List.of(ORCHESTRATOR, REPLICA) : List.of(ORCHESTRATOR);
    }
  }

  Cluster(Path jar, Path folder, int number, Shape shape) {
    this.jar = jar;
    this.folder = folder;
    this.shape = shape;
    this.network = new Network(number);
    shape.orchestrators().forEach(network::join);
    HOSTS.forEach(network::join);
    this.witness = new Witness(HOSTS.stream().map(this::events).toList());
    for (String host : HOSTS) {
      members.put(host, launch(host, "agent", agent(host)));
    }
    if (shape == Shape.SHARED) {
      network.join(DATABASE);
      members.put(DATABASE, database());
    }
    for (String each : shape.orchestrators()) {
      members.put(each, launch(each, "orchestrator", orchestrator(each)));
    }
    try {
      HOSTS.forEach(host -> awaitAnswer(agentUrl(host).resolve("status")));
      shape.orchestrators().forEach(each -> awaitAnswer(api(each, "hosts")));
    } catch (AssertionError e) {
      close();
      throw e;
    }
  }

  Network network() {
    return network;
  }

  Witness witness() {
    return witness;
  }

  Member member(String name) {
    return members.get(name);
  }

  static String name(String host) {
    return "host-" + host;
  }

  static String other(String host) {
    return host.equals("a") ? "b" : "a";
  }

  private Path events(String host) {
    return folder.resolve("events-" + host);
  }

  List<Path> slates() {
    return HOSTS.stream().map(host -> folder.resolve("slate-" + host)).toList();
  }

  private Member launch(String member, String role, List<String> settings) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"));
    command.addAll(List.of("-jar", jar.toString(), role));
    command.addAll(settings);
    return start(member, command, "TERM");
  }

  private Member start(String member, List<String> command, String ending) {
    return Member.start(
        network.within(member, command),
        folder.resolve("log-" + member),
        () -> network.processes(member),
        ending);
  }

  /** SIGINT: it does not wait for its clients. */
  private Member database() {
    String address = network.address(DATABASE);
    return start(DATABASE, Database.command(folder, address, network.subnet()), "INT");
  }

  private List<String> agent(String host) {
    String address = network.address(host);
    List<String> settings =
        new ArrayList<>(
            List.of(
                "--server.address=" + address,
                "--fermata.insecure-bind=true",
                "--server.port=" + AGENT_PORT,
                "--fermata.agent.host=" + name(host),
                "--fermata.agent.directory=" + folder.resolve("slate-" + host),
                "--fermata.agent.backend=emulated",
                "--fermata.agent.data-plane.bind=" + address + ":8091",
                "--fermata.agent.emulated.event-file=" + events(host),
                "--fermata.agent.emulated.memory=" + folder.resolve("memory-" + host)));
    for (int i = 0; i < SET.length; i++) {
      String property = "--fermata.agent.devices[" + i + "].";
      settings.add(property + "name=" + SET[i][0]);
      settings.add(property + "profile=" + SET[i][1]);
      settings.add(property + "group=set");
      settings.add(property + "traits.state-bytes=" + SET[i][2]);
      if (host.equals("a")) {
        settings.add(property + "vm=" + VM);
      }
    }
    return settings;
  }

  private List<String> orchestrator(String member) {
    String address = network.address(member);
    List<String> settings =
        new ArrayList<>(
            List.of(
                "--server.address=" + address,
                "--fermata.insecure-bind=true",
                "--server.port=" + API_PORT,
                "--fermata.journal.directory=" + folder.resolve("journal-" + member)));
    if (shape == Shape.SHARED) {
      String at = network.address(DATABASE) + ":" + Database.PORT;
      settings.add("--fermata.journal.url=jdbc:postgresql://" + at + "/postgres");
      settings.add("--fermata.journal.username=postgres");
      settings.add("--fermata.replica.url=http://" + address + ":" + API_PORT);
    }
    for (String phase : List.of("quiescing", "freezing", "sealing", "resuming")) {
      settings.add("--fermata.migration.deadlines." + phase + "=5s");
    }
    for (String phase : List.of("preparing", "precopying", "copying", "cleaning")) {
      settings.add("--fermata.migration.deadlines." + phase + "=15s");
    }
    for (int i = 0; i < HOSTS.size(); i++) {
      String property = "--fermata.fleet.hosts[" + i + "].";
      settings.add(property + "name=" + name(HOSTS.get(i)));
      String url = "http://" + network.address(HOSTS.get(i)) + ":" + AGENT_PORT;
      settings.add(property + "agent=" + url);
    }
    return settings;
  }

  private URI api(String orchestrator, String path) {
    return URI.create(
        "http://" + network.address(orchestrator) + ":" + API_PORT + "/api/v1/" + path);
  }

  /** What the first orchestrator says that answers, or empty. */
  String ask(String path) {
    return shape.orchestrators().stream()
        .map(each -> read(api(each, path)))
        .filter(body -> !body.isEmpty())
        .findFirst()
        .orElse("");
  }

  private URI agentUrl(String host) {
    return URI.create("http://" + network.address(host) + ":" + AGENT_PORT + "/agent/v1/");
  }

  /** Makes a device of that host fail its next such hop, or stand still in it. */
  void inject(String host, String fault) {
    HttpResponse<String> answer = post(agentUrl(host).resolve("emulated/faults"), fault);
    if (answer.statusCode() != 200) {
      throw new AssertionError("injecting " + fault + ": " + answer.body());
    }
  }

  /** Orders a move, once everybody has found each other again, and returns its id. */
  String start(String from) {
    String order =
        """
        {"vm":"%s","source":"%s","destination":"%s",
         "preCopy":{"enabled":true,"maxSeconds":10,"switchoverBelowBytes":16777216}}\
        """
            .formatted(VM, name(from), name(other(from)));
    String[] last = {""};
    boolean taken =
        await(
            PATIENCE,
            () -> {
              try {
                HttpResponse<String> answer = post(api(ORCHESTRATOR, "migrations"), order);
                last[0] = answer.body();
                return answer.statusCode() == 202;
              } catch (UncheckedIOException down) {
                last[0] = String.valueOf(down.getMessage());
                return false; // it is still on its way up
              }
            });
    if (!taken) {
      throw new AssertionError("no move is taken: " + last[0]);
    }
    return Fields.text(last[0], "id");
  }

  private HttpResponse<String> post(URI at, String json) {
    try {
      return http.send(
          HttpRequest.newBuilder(at)
              .timeout(PATIENCE)
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(json))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(at + " was not answered", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** The body that is there now, or empty. */
  String read(URI at) {
    try {
      var request = HttpRequest.newBuilder(at).timeout(Duration.ofSeconds(2)).build();
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200 ? answer.body() : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private void awaitAnswer(URI at) {
    boolean there = await(PATIENCE, () -> !read(at).isEmpty());
    members.values().forEach(Member::requireAlive);
    if (!there) {
      throw new AssertionError(at + " does not answer, see " + folder);
    }
  }

  /** Whether it came true in that time. */
  static boolean await(Duration time, BooleanSupplier condition) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      if (condition.getAsBoolean()) {
        return true;
      }
      rest(20);
    }
    return condition.getAsBoolean();
  }

  static void rest(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    members.values().forEach(Member::close);
    http.close();
    network.close();
  }
}

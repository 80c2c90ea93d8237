package io.fermata;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Moves a set of emulated devices to and fro between two throw-away agents in this process, by the
 * very code that moves real ones: over loopback, with a journal and slates of its own in a folder
 * that is removed. Code that has not run before runs about eight times slower, and without this the
 * guest of the first migration after a start would wait for it in the dark.
 *
 * <p>Runs beside the service once that is ready, and not at all where something is open: an agent
 * that was killed in a blackout has better things to do. Nor does it go on once something is.
 *
 * <pre>
 *   service ready ── anything open? ──no──▶ start ──▶ move ──▶ closed, removed, told
 *                          │                 ▲          │          ▲
 *                          │                 └──────────┤          │
 *                          └──yes──▶ left out    open? or all moved
 * </pre>
 */
final class Rehearsal {
  /** How many moves; 0 for none. More than a hundred change little. */
  static final String MOVES = "fermata.rehearsal.moves";

  private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);
  private static final String BUSY = "busy";
  private static final int MOST = 1_000;
  private static final int DEVICES = 17;
  private static final Duration ANSWER = Duration.ofSeconds(40);
  private static final int TRIES = 200;
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final List<String> HOSTS = List.of("rehearsal-a", "rehearsal-b");

  private static final String COMPRESSION = "fermata.agent.data-plane.compression";

  private final int moves;
  private final List<Codec> packed;
  private final BooleanSupplier busy;
  private final List<ConfigurableApplicationContext> stage = new ArrayList<>();
  private final JsonMapper json = JsonMapper.builder().build();

  /**
   * What came of it.
   *
   * @param moves how many there were
   * @param first what the guest of the first would have felt, in milliseconds
   * @param last and that of the last
   */
  record Seen(int moves, double first, double last) {}

  /**
   * One way in which the service packs what it sends.
   *
   * @param level null for the usual one
   */
  record Codec(String codec, @Nullable Integer level) {}

  private Rehearsal(int moves, List<Codec> packed, BooleanSupplier busy) {
    this.moves = moves;
    this.packed = packed;
    this.busy = busy;
  }

  /** Ends a start with a setting that makes no sense, before anything is served. */
  static ApplicationListener<ApplicationEnvironmentPreparedEvent> check() {
    return event -> {
      int moves = moves(event.getEnvironment());
      if (moves < 0 || moves > MOST) {
        throw new IllegalArgumentException(
            "%s must be between 0 and %d, is %d".formatted(MOVES, MOST, moves));
      }
    };
  }

  private static int moves(ConfigurableEnvironment environment) {
    return environment.getProperty(MOVES, Integer.class, 0);
  }

  /** What the service packs: native code is slow the first time, too. */
  static List<Codec> packed(ConfigurableEnvironment environment) {
    return Binder.get(environment)
        .bind(COMPRESSION, Bindable.listOf(Codec.class))
        .orElse(List.of());
  }

  /** Begins beside a service that has started, if its settings want it. */
  static void beside(ConfigurableApplicationContext service) {
    int moves = moves(service.getEnvironment());
    boolean serves = service.containsBean(BUSY); // and does not only list, or make a slate
    if (serves && moves > 0) {
      Thread.ofPlatform().daemon().name("rehearsal").start(() -> unlessBusy(service, moves));
    }
  }

  private static void unlessBusy(ConfigurableApplicationContext service, int moves) {
    try {
      BooleanSupplier busy = service.getBean(BUSY, BooleanSupplier.class);
      if (busy.getAsBoolean()) {
        LOG.info("no rehearsal: there are migrations to look after");
        return;
      }
      long begun = System.nanoTime();
      Seen seen = of(moves, packed(service.getEnvironment()), busy);
      LOG.info(
          "rehearsed {} of {} moves of {} emulated devices in {} s: dark for {} ms in the first, {}"
              + " ms in the last",
          seen.moves(),
          moves,
          DEVICES,
          Math.round((System.nanoTime() - begun) / 1e9),
          Math.round(seen.first()),
          Math.round(seen.last()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      LOG.warn("the rehearsal did not work; the first blackout will be longer", e);
    }
  }

  /** So many moves, here and now, packed in each of these ways, as long as nobody is busy. */
  static Seen of(int moves, List<Codec> packed, BooleanSupplier busy)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("fermata-rehearsal-");
    var rehearsal = new Rehearsal(moves, packed, busy);
    Thread untidy = Thread.ofPlatform().unstarted(() -> remove(folder)); // stopped in the middle
    Runtime.getRuntime().addShutdownHook(untidy);
    try {
      return Aside.quietly(() -> rehearsal.runAndClose(folder));
    } finally {
      remove(folder);
      Runtime.getRuntime().removeShutdownHook(untidy);
    }
  }

  private Seen runAndClose(Path folder) throws IOException, InterruptedException {
    try (var http = HttpClient.newHttpClient()) {
      return run(folder, http);
    } finally {
      stage.reversed().forEach(ConfigurableApplicationContext::close);
    }
  }

  private Seen run(Path folder, HttpClient http) throws IOException, InterruptedException {
    List<String> orchestrator = new ArrayList<>();
    for (String host : HOSTS) {
      String at = started(Role.AGENT, agent(host, folder, packed));
      String hosts = "fermata.fleet.hosts[" + HOSTS.indexOf(host) + "].";
      orchestrator.add("--" + hosts + "name=" + host);
      orchestrator.add("--" + hosts + "agent=http://127.0.0.1:" + at);
    }
    orchestrator.add("--fermata.journal.directory=" + folder.resolve("journal"));
    orchestrator.add("--fermata.fleet.poll=200ms");
    String api = "http://127.0.0.1:" + started(Role.ORCHESTRATOR, orchestrator) + "/api/v1/";
    double first = 0;
    double last = 0;
    int move = 0;
    for (; move < moves && !busy.getAsBoolean(); move++) {
      last = millisDark(http, api, move % HOSTS.size());
      first = move == 0 ? last : first;
    }
    return new Seen(move, first, last);
  }

  /** Starts one and says at which port it listens. */
  private String started(Role role, List<String> settings) {
    ConfigurableApplicationContext context = Aside.start(role, settings);
    stage.add(context);
    return String.valueOf(context.getEnvironment().getProperty("local.server.port"));
  }

  /** The devices take the ways of packing in turns: each way has a profile of its own here. */
  static List<String> agent(String host, Path folder, List<Codec> packed) {
    List<String> settings = new ArrayList<>();
    settings.add("--fermata.agent.host=" + host);
    settings.add("--fermata.agent.directory=" + folder.resolve(host));
    settings.add("--fermata.agent.backend=emulated");
    for (int i = 0; i < DEVICES; i++) {
      String device = "--fermata.agent.devices[" + i + "].";
      settings.add(device + "name=d" + i);
      settings.add(device + "profile=nvme");
      settings.add(device + "traits.state-bytes=262144");
      if (!packed.isEmpty()) {
        settings.add(device + "traits.model=packed-" + i % packed.size());
      }
      for (String hop : List.of("quiesce", "freeze", "thaw", "run")) {
        settings.add(device + "traits.latencies." + hop + "=0us");
      }
      if (host.equals(HOSTS.getFirst())) {
        settings.add(device + "vm=rehearsal");
      }
    }
    for (int i = 0; i < packed.size(); i++) {
      String entry = "--" + COMPRESSION + "[" + i + "].";
      settings.add(entry + "profile=nvme/packed-" + i);
      settings.add(entry + "codec=" + packed.get(i).codec());
      if (packed.get(i).level() != null) {
        settings.add(entry + "level=" + packed.get(i).level());
      }
    }
    return settings;
  }

  /**
   * Asked again as long as the checks find what the last poll saw, and not where the set is now.
   */
  private double millisDark(HttpClient http, String api, int from)
      throws IOException, InterruptedException {
    String order =
        """
        {"vm":"rehearsal","source":"%s","destination":"%s"}
        """
            .formatted(HOSTS.get(from), HOSTS.get(1 - from));
    JsonNode ended = json.missingNode();
    for (int i = 0; i < TRIES; i++) {
      var post =
          HttpRequest.newBuilder(URI.create(api + "migrations"))
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString(order));
      String id = asked(http, post).path("id").asString("");
      var get =
          HttpRequest.newBuilder(URI.create(api + "migrations/" + id + "?wait=30s&until=done"));
      ended = id.isEmpty() ? ended : asked(http, get);
      if (ended.path("outcome").asString("").equals("SUCCEEDED")) {
        return ended.at("/blackout/actualMs").asDouble(0);
      }
      Thread.sleep(PAUSE);
    }
    throw new IllegalStateException("a rehearsed move does not succeed: " + ended);
  }

  private JsonNode asked(HttpClient http, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    var answer = http.send(request.timeout(ANSWER).build(), BodyHandlers.ofByteArray());
    return json.readTree(answer.body());
  }

  private static void remove(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder())
          .map(Path::toFile)
          .forEach(each -> {
            if (!each.delete()) {
              LOG.debug("{} stays behind", each);
            }
          });
    } catch (IOException e) {
      LOG.warn("{} stays behind", folder, e);
    }
  }
}

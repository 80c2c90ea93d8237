package io.fermata.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** From the start of the process until it is ready, with and without an AOT cache. */
public final class StartBench {
  private static final int ROUNDS = 3;

  private StartBench() {}

  public static void main(String[] args) throws Exception {
    Path jar = Path.of("target", "fermata.jar");
    if (!Files.exists(jar)) {
      System.out.println("there is no " + jar + ": start times are not measured");
      System.exit(0);
    }
    Path folder = Files.createTempDirectory("fermata-bench-");
    String app = extracted(folder).toString();
    for (String role : List.of("orchestrator", "agent")) {
      Path cache = trained(app, role, folder);
      List<Double> without = new ArrayList<>();
      List<Double> with = new ArrayList<>();
      for (int i = 0; i < ROUNDS; i++) {
        without.add(start(List.of(), app, role, folder.resolve("a" + i)));
        with.add(start(List.of("-XX:AOTCache=" + cache), app, role, folder.resolve("b" + i)));
      }
      String plain = "without %.2f s".formatted(Figure.at(50, without));
      Figure.of("start of the " + role + " with an AOT cache", 50, with, "s", plain, "-").tell();
    }
    System.exit(0);
  }

  /** The jar as the image has it: its libraries beside it. */
  public static Path extracted(Path folder) throws IOException, InterruptedException {
    Path app = folder.resolve("app");
    String jar = Path.of("target", "fermata.jar").toString();
    run(List.of("-Djarmode=tools", "-jar", jar, "extract", "--destination", app.toString()));
    return app.resolve("fermata.jar");
  }

  /** The AOT cache of a role, made as the image makes it. */
  public static Path trained(String app, String role, Path folder)
      throws IOException, InterruptedException {
    Path cache = folder.resolve(role + ".aot");
    List<String> train =
        new ArrayList<>(List.of("-XX:AOTCacheOutput=" + cache, "-Dspring.context.exit=onRefresh"));
    train.addAll(Jvm.options());
    train.addAll(List.of("-jar", app, role));
    train.addAll(settings(role, folder.resolve("training-" + role), 0));
    run(train);
    return cache;
  }

  private static List<String> settings(String role, Path folder, int port) {
    return role.equals("agent")
        ? List.of(
            "--server.port=" + port,
            "--fermata.agent.host=h",
            "--fermata.agent.directory=" + folder,
            "--fermata.agent.backend=emulated",
            "--fermata.agent.emulated.demo=source")
        : List.of(
            "--server.port=" + port,
            "--fermata.demo.enabled=false",
            "--fermata.journal.directory=" + folder);
  }

  private static double start(List<String> options, String app, String role, Path folder)
      throws IOException, InterruptedException {
    int port = Agents.freePort();
    List<String> command = Jvm.java();
    command.addAll(Jvm.options());
    command.addAll(options);
    command.addAll(List.of("-jar", app, role));
    command.addAll(settings(role, folder, port));
    long begin = System.nanoTime();
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (HttpClient client = HttpClient.newHttpClient()) {
      var get = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/readyz")).build();
      while (process.isAlive() && !ready(client, get)) {
        LockSupport.parkNanos(10_000_000);
      }
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    process.destroyForcibly().waitFor();
    return seconds;
  }

  private static boolean ready(HttpClient client, HttpRequest get) throws InterruptedException {
    try {
      return client.send(get, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  private static void run(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = Jvm.java();
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (process.waitFor() != 0) {
      throw new IllegalStateException(String.join(" ", command));
    }
  }
}

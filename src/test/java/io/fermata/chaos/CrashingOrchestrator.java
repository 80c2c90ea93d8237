package io.fermata.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fermata.Fermata;
import io.fermata.Role;
import io.fermata.chaos.CrashPoint.Moment;
import io.fermata.fleet.Fleet;
import io.fermata.handover.HostName;
import io.fermata.migration.Migration;
import io.fermata.migration.Migrations;
import io.fermata.migration.Order;
import io.fermata.migration.Recovery;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A real orchestrator in a process of its own that takes commands on its standard input, a line
 * each, and says what came of them in lines that begin with {@value #SAYS}.
 *
 * <pre>
 *   move SOURCE DESTINATION live|direct [MOMENT:REQUEST]     submit; die at that point
 *   settle                                                   wait for the newest one's end
 * </pre>
 */
final class CrashingOrchestrator {
  static final String SAYS = "chaos: ";
  private static final long WAIT_MILLIS = 60_000;
  private static final int JOINS = 200;
  private static final long JOIN_NANOS = 50_000_000;

  private final Migrations migrations;
  private final Fleet fleet;
  private final CrashingAgents agents;
  private final Recovery recovery;

  private CrashingOrchestrator(ConfigurableApplicationContext context) {
    migrations = context.getBean(Migrations.class);
    fleet = context.getBean(Fleet.class);
    agents = context.getBean(CrashingAgents.class);
    recovery = context.getBean(Recovery.class);
  }

  public static void main(String[] arguments) throws IOException {
    List<String> settings = new ArrayList<>(List.of(arguments));
    settings.add("--spring.main.sources=" + CrashingAgents.InFront.class.getName());
    var orchestrator =
        new CrashingOrchestrator(Fermata.start(Role.ORCHESTRATOR, List.copyOf(settings)));
    say("ready");
    var commands = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      orchestrator.obey(line.split(" ", -1));
    }
    Runtime.getRuntime().halt(0); // whoever started this one is gone
  }

  private void obey(String[] words) {
    switch (words[0]) {
      case "move" -> move(words);
      case "settle" -> settle();
      default -> throw new IllegalArgumentException(words[0]);
    }
  }

  private void move(String[] words) {
    if (words.length > 4) {
      agents.arm(CrashPoint.parse(words[4]));
    }
    var from = new HostName(words[1]);
    var to = new HostName(words[2]);
    fleet.refresh(to);
    List<Order.Pair> set =
        fleet.refresh(from).orElseThrow().devices().stream()
            .map(device -> new Order.Pair(device.name(), device.name()))
            .toList();
    var terms = new Order.PreCopyTerms(words[3].equals("live"), 1, 16 << 20);
    var order =
        new Order("vm-demo", from, to, set, terms, 0, Order.OnBudgetExceeded.ABORT, null, "user");
    var submission = new Migrations.Submission(order, "chaos", "api", 1, null, null);
    var result = migrations.submit(submission).join();
    for (int i = 0; i < JOINS && result instanceof Migrations.Result.Unavailable; i++) {
      LockSupport.parkNanos(JOIN_NANOS); // a replica takes nothing before it has joined
      result = migrations.submit(submission).join();
    }
    agents.die(Moment.SUBMITTED, "");
    say(String.valueOf(result.getClass().getSimpleName()));
  }

  /** Once it is ended, or parked for good. */
  private void settle() {
    var any = new Migrations.Filter(null, null, null, null, null, null);
    var id = migrations.list(any, null, 1).items().getFirst().migration().id();
    long last = System.nanoTime() + WAIT_MILLIS * 1_000_000;
    Migration now = migrations.find(id).orElseThrow().migration();
    while (!now.ended() && System.nanoTime() < last) {
      migrations.changed(id, now.version(), 1_000).join();
      now = migrations.find(id).orElseThrow().migration();
    }
    if (!now.ended()) {
      System.out.println(migrations.find(id).orElseThrow());
      System.out.println(recovery.view());
      fleet.hosts().forEach(System.out::println);
      Thread.getAllStackTraces()
          .forEach((thread, at) -> System.out.println(thread + " " + Arrays.toString(at)));
    }
    String why = now.failure() == null ? "-" : now.failure().code() + ", " + now.failure().detail();
    say("%s %s %s %s".formatted(now.ended() ? "ended" : now.phase(), id, now.outcome(), why));
  }

  private static void say(String what) {
    System.out.println(SAYS + what);
    System.out.flush();
  }
}

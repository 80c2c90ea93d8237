package io.fermata.bench;

import io.fermata.Fermata;
import io.fermata.Role;
import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.emulated.DemoSet;
import io.fermata.agent.device.emulated.EmulatedHost;
import io.fermata.agent.device.emulated.RealPace;
import io.fermata.device.DeviceState;
import io.fermata.fleet.Fleet;
import io.fermata.handover.HostName;
import io.fermata.migration.Gate;
import io.fermata.migration.Live;
import io.fermata.migration.Matching;
import io.fermata.migration.Migration;
import io.fermata.migration.Migrations;
import io.fermata.migration.Order;
import io.fermata.migration.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;
import org.awaitility.Awaitility;

/**
 * What the gates cost: the demonstration's 17 devices moved to and fro over real HTTP, without
 * pre-copy, next to the same devices driven one after another in the same process. Prints a table;
 * asserts nothing but that every migration went through.
 *
 * <p>Arguments: rounds to warm up, rounds to measure.
 */
public final class GateBench {
  private GateBench() {}

  public static void main(String[] args) throws Exception {
    int warm = args.length > 0 ? Integer.parseInt(args[0]) : 30;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 60;
    Path directory = Files.createTempDirectory("fermata-bench-");
    try (var context =
        Fermata.start(
            Role.ORCHESTRATOR,
            List.of(
                "--server.port=0",
                "--fermata.demo.agent-port=0",
                "--fermata.journal.directory=" + directory))) {
      Migrations migrations = context.getBean(Migrations.class);
      Fleet fleet = context.getBean(Fleet.class);
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> fleet.hosts().stream().allMatch(h -> h.devices().size() == 17));
      List<Migration> moved = new ArrayList<>();
      for (int i = 0; i < warm + rounds; i++) {
        boolean there = i % 2 == 0;
        Migration m =
            move(migrations, fleet, there ? "host-a" : "host-b", there ? "host-b" : "host-a");
        if (i >= warm) {
          moved.add(m);
        }
      }
      print(moved);
    }
    serial();
    System.exit(0);
  }

  private static Migration move(Migrations migrations, Fleet fleet, String from, String to) {
    var source = fleet.refresh(new HostName(from)).orElseThrow();
    var destination = fleet.refresh(new HostName(to)).orElseThrow();
    var pairs = Matching.match("vm-demo", source, destination).pairs();
    var order =
        new Order(
            "vm-demo",
            source.name(),
            destination.name(),
            pairs,
            new Order.PreCopyTerms(false, 10, 1 << 20),
            0,
            Order.OnBudgetExceeded.CONTINUE,
            null,
            "user");
    var submission = new Migrations.Submission(order, "bench", "api", 1, null, null);
    var id = ((Migrations.Result.Taken) migrations.submit(submission).join()).migration().id();
    Live live = migrations.find(id).orElseThrow();
    while (!live.migration().ended()) {
      migrations.changed(id, live.migration().version(), 1_000).join();
      live = migrations.find(id).orElseThrow();
    }
    if (live.migration().outcome() != Outcome.SUCCEEDED) {
      throw new IllegalStateException(String.valueOf(live.migration().failure()));
    }
    return live.migration();
  }

  private static void print(List<Migration> moved) {
    System.out.printf("%nGATES over %d migrations of 17 devices, milliseconds%n", moved.size());
    System.out.printf("%-10s %9s %9s %9s %9s%n", "", "gate p50", "slowest", "over p50", "over p99");
    Map<Gate.Name, List<Gate>> byName = new EnumMap<>(Gate.Name.class);
    for (Migration m : moved) {
      m.gates().forEach(g -> byName.computeIfAbsent(g.name(), n -> new ArrayList<>()).add(g));
    }
    byName.forEach((name, gates) ->
        System.out.printf(
            "%-10s %9.2f %9.2f %9.2f %9.2f%n",
            name,
            at(50, gates.stream().map(g -> (double) g.elapsedNanos()).toList()),
            at(50, gates.stream().map(g -> (double) g.slowestNanos()).toList()),
            at(50, gates.stream().map(GateBench::over).toList()),
            at(99, gates.stream().map(GateBench::over).toList())));
    System.out.printf("%nBLACKOUT parts, milliseconds%n%-10s %9s %9s%n", "", "p50", "p99");
    part("quiesce", moved, Migration.Blackout::quiesceNanos);
    part("stop", moved, Migration.Blackout::stopNanos);
    part("copy", moved, Migration.Blackout::copyNanos);
    part("commit", moved, Migration.Blackout::commitNanos);
    part("resume", moved, Migration.Blackout::resumeNanos);
    part("total", moved, Migration.Blackout::totalNanos);
  }

  private static double over(Gate gate) {
    return gate.elapsedNanos() - gate.slowestNanos();
  }

  private static void part(
      String name, List<Migration> moved, ToLongFunction<Migration.Blackout> of) {
    List<Double> nanos = moved.stream().map(m -> (double) of.applyAsLong(m.blackout())).toList();
    System.out.printf("%-10s %9.2f %9.2f%n", name, at(50, nanos), at(99, nanos));
  }

  private static double at(int percent, List<Double> nanos) {
    List<Double> sorted = nanos.stream().sorted().toList();
    int index = (int) Math.ceil(percent / 100.0 * sorted.size()) - 1;
    return sorted.get(Math.max(0, index)) / 1e6;
  }

  private static void serial() {
    try (EmulatedHost host =
        new EmulatedHost(DemoSet.source("serial", "vm"), new RealPace(), SplittableRandom::new)) {
      for (int round = 0; round < 5; round++) {
        double quiesce = each(host, DeviceState.RUNNING_P2P);
        double stop = each(host, DeviceState.STOP);
        double thaw = each(host, DeviceState.RUNNING_P2P);
        double run = each(host, DeviceState.RUNNING);
        System.out.printf(
            "one after another: quiesce %.1f stop %.1f thaw %.1f run %.1f ms%n",
            quiesce, stop, thaw, run);
      }
    }
  }

  private static double each(EmulatedHost host, DeviceState to) {
    long start = System.nanoTime();
    for (DeviceControl device : host.devices()) {
      device.move(to);
    }
    return (System.nanoTime() - start) / 1e6;
  }
}

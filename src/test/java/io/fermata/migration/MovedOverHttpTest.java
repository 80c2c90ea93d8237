package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fermata.Fermata;
import io.fermata.Role;
import io.fermata.device.DeviceName;
import io.fermata.fleet.Fleet;
import io.fermata.handover.HostName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The demonstration's set, moved by the real orchestrator between two real agents over loopback.
 */
class MovedOverHttpTest {
  @TempDir Path directory;

  @Test
  void seventeenDevicesMoveThroughBothGates() {
    try (ConfigurableApplicationContext context =
        Fermata.start(
            Role.ORCHESTRATOR,
            List.of(
                "--server.port=0",
                "--fermata.demo.agent-port=0",
                "--fermata.journal.directory=" + directory))) {
      Migrations migrations = context.getBean(Migrations.class);
      Fleet fleet = context.getBean(Fleet.class);
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> fleet.hosts().stream().allMatch(h -> h.devices().size() == 17));
      Migration there = move(migrations, "host-a", "host-b", false).migration();
      assertEquals(Outcome.SUCCEEDED, there.outcome(), () -> String.valueOf(there.failure()));
      fleet.refresh(new HostName("host-a"));
      fleet.refresh(new HostName("host-b"));
      Migration back = move(migrations, "host-b", "host-a", true).migration();
      assertEquals(Outcome.SUCCEEDED, back.outcome(), () -> String.valueOf(back.failure()));
      for (Migration moved : List.of(there, back)) {
        List<Gate.Name> opened = moved.gates().stream().map(Gate::name).toList();
        assertEquals(List.of(Gate.Name.values()), opened);
      }
    }
  }

  private static Live move(Migrations migrations, String from, String to, boolean live) {
    List<Order.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      pairs.add(pair("gpu" + i));
      pairs.add(pair("nic" + i));
    }
    pairs.add(pair("nvme0"));
    var order =
        new Order(
            "vm-demo",
            new HostName(from),
            new HostName(to),
            pairs,
            new Order.PreCopyTerms(live, 10, 16 << 20),
            0,
            Order.OnBudgetExceeded.ABORT,
            null,
            "user");
    var result =
        migrations.submit(new Migrations.Submission(order, "test", "api", 1, null, null)).join();
    var id = ((Migrations.Result.Taken) result).migration().id();
    return Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> migrations.find(id).orElseThrow(), MovedOverHttpTest::atRest);
  }

  private static boolean atRest(Live live) {
    return live.migration().ended() || live.migration().phase() == Phase.NEEDS_OPERATOR;
  }

  private static Order.Pair pair(String name) {
    return new Order.Pair(new DeviceName(name), new DeviceName(name));
  }
}

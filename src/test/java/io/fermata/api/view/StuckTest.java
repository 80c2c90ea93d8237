package io.fermata.api.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.api.text.ExplainText;
import io.fermata.api.view.Stuck.Way;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.ClaimReport;
import io.fermata.migration.Evidence;
import io.fermata.migration.Latencies;
import io.fermata.migration.Live;
import io.fermata.migration.Migration;
import io.fermata.migration.Order;
import io.fermata.migration.Outcome;
import io.fermata.migration.Phase;
import java.net.URI;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every phase and every way of being stuck in it is explained. */
class StuckTest {
  private static final long T0 = 1_795_406_400_000L;

  @ParameterizedTest
  @EnumSource(Phase.class)
  void everyWayOfBeingStuckInAPhaseHasItsSentenceAndAnEndOrAWayOn(Phase phase) {
    for (Way way : Way.values()) {
      String then = Stuck.then(way, phase);
      assertTrue(then.length() > 5 && then.length() < 160, way + " in " + phase + ": " + then);
      assertFalse(then.contains("null"), then);
    }
    Scene everything = everything(phase);
    ExplainView view = ExplainView.of(everything);
    assertTrue(view.automatic().length() > 10, phase::name);
    boolean over = phase == Phase.DONE;
    Set<Way> found = view.stuck().stream().map(Stuck::way).collect(Collectors.toSet());
    Set<Way> expected = over ? EnumSet.noneOf(Way.class) : EnumSet.allOf(Way.class);
    if (!over) {
      // The agents answer nobody here, so no host can be missing as well; see below.
      expected.remove(Way.HOST_GONE);
      if (phase != Phase.QUEUED) {
        expected.remove(Way.PLACE);
      }
      if (phase != Phase.NEEDS_OPERATOR) {
        expected.remove(Way.EVIDENCE);
      }
    }
    assertEquals(expected, found, phase.name());
    String text = ExplainText.of(view, "exam");
    for (String line : text.lines().toList()) {
      assertTrue(line.codePointCount(0, line.length()) <= 100, text);
    }
    assertTrue(text.lines().toList().getLast().startsWith("next: curl"), text);
    view.stuck().forEach(stuck -> assertTrue(text.contains("then: "), text));
  }

  @Test
  void aHostThatLeftTheInventoryIsNamed() {
    Scene scene = everything(Phase.COPYING);
    var without =
        new Scene(scene.live(), null, scene.destination(), scene.now(), null, scene.learned());
    Stuck gone =
        Stuck.of(without).stream().filter(s -> s.way() == Way.HOST_GONE).findFirst().orElseThrow();
    assertTrue(gone.what().startsWith("host-a"), gone.what());
  }

  @Test
  void nothingKeepsWhatGoesOn() {
    Migration m = migration(Phase.PREPARING);
    var live = new Live(m, null, null, List.of(), T0 + 60_000, null);
    var ready =
        new Scene(
            live,
            host("host-a", AgentState.READY),
            host("host-b", AgentState.READY),
            Instant.ofEpochMilli(T0 + 100),
            1,
            new Latencies());
    assertEquals(List.of(), Stuck.of(ready));
  }

  /** All that can be wrong at once, in that phase. */
  private static Scene everything(Phase phase) {
    var live =
        new Live(
            migration(phase),
            side(Side.SOURCE, "STALE_EPOCH: somebody else drives it"),
            side(Side.DESTINATION, "WRONG_STATE: not now"),
            List.of("the journal, to write what was decided"),
            T0 + 10,
            phase == Phase.QUEUED ? 3 : null);
    return new Scene(
        live,
        host("host-a", AgentState.LOST),
        host("host-b", AgentState.STALE),
        Instant.ofEpochMilli(T0 + 5000),
        null,
        new Latencies());
  }

  private static Live.SideView side(Side side, String trouble) {
    var report =
        new ClaimReport(
            new MigrationId("exam0000"),
            side,
            1,
            new Epoch(1, "o1"),
            ClaimReport.Standing.OPEN,
            Goal.COPYING,
            ClaimReport.Progress.MOVING,
            ClaimReport.GuestState.PAUSED,
            null,
            List.of(),
            List.of(
                device("dead0", DeviceState.ERROR, null, null),
                device("late0", DeviceState.STOP, DeviceState.STOP_COPY, null),
                device("bad0", DeviceState.STOP, null, "EIO: no")),
            List.of(),
            0);
    return new Live.SideView(
        report, T0, "Copy", T0, trouble, List.of(), new Live.ClockMapping(0, 0));
  }

  private static ClaimReport.DeviceReport device(
      String name, DeviceState state, DeviceState heading, String trouble) {
    return new ClaimReport.DeviceReport(new DeviceName(name), state, heading, 0, trouble, 0, null);
  }

  private static HostView host(String name, AgentState state) {
    return new HostView(
        new HostName(name),
        URI.create("http://" + name + ":8090"),
        name + ":8091",
        Map.of(),
        true,
        state,
        "1.0",
        1_000_000_000L,
        T0,
        0L,
        null,
        List.of());
  }

  private static Migration migration(Phase phase) {
    var order =
        new Order(
            "vm-1",
            new HostName("host-a"),
            new HostName("host-b"),
            List.of(new Order.Pair(new DeviceName("late0"), new DeviceName("late0"))),
            new Order.PreCopyTerms(false, 1, 1),
            850,
            Order.OnBudgetExceeded.ABORT,
            null,
            "user");
    return new Migration(
        new MigrationId("exam0000"),
        order,
        "secret",
        1,
        null,
        "api",
        "me",
        phase,
        phase == Phase.DONE ? Outcome.ROLLED_BACK : null,
        null,
        new Epoch(1, "o1"),
        1,
        T0,
        T0,
        null,
        false,
        null,
        Evidence.NONE,
        List.of(),
        T0,
        null,
        null);
  }
}

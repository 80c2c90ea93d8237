package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.HostMarks;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.HostName;
import io.fermata.handover.message.HopReport;
import io.fermata.migration.Checks.Check;
import io.fermata.migration.Checks.Verdict;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is found wrong before anything is touched, each with the thing that is wrong. */
class ChecksTest {
  private static final HostName A = new HostName("host-a");
  private static final HostName B = new HostName("host-b");
  private static final long RATE = 1_000_000;

  private final List<DeviceView> here = new ArrayList<>();
  private final List<DeviceView> there = new ArrayList<>();
  private final Map<HostName, HostView.Guests> guests = new HashMap<>();
  private final Latencies learned = new Latencies();
  private Order order = Orders.order(2, false, 0);
  private AgentState state = AgentState.READY;
  private @Nullable String trouble;
  private boolean schedulable = true;

  {
    for (String name : List.of("d0", "d1")) {
      here.add(device(A, name).with("vm").view());
      there.add(device(B, name).view());
    }
  }

  @Test
  void aSoundOrderPassesEveryKindOfCheckOnce() {
    List<Check> checks = checks();
    assertEquals(
        List.of(
            "agents",
            "destination-schedulable",
            "devices-known",
            "migration-support",
            "peer-to-peer",
            "owner",
            "whole-set",
            "claim",
            "source-running",
            "same-profile",
            "guest",
            "budget"),
        checks.stream().map(Check::id).toList());
    assertTrue(checks.stream().allMatch(c -> c.verdict() == Verdict.PASS), checks::toString);
    assertEquals(List.of(), Checks.failures(checks));
  }

  /** Else a guest that is paused by nobody, or let run by nobody, is found in the blackout. */
  @Test
  void hostsThatPauseTheGuestInDifferentWaysAreAWarning() {
    assertTrue(check("guest").detail().contains("paused by nobody knows whom"));
    guests.put(A, new HostView.Guests("none", Map.of()));
    guests.put(B, new HostView.Guests("none", Map.of("vm", "qmp")));
    Check check = check("guest");
    assertEquals(Verdict.WARN, check.verdict());
    assertEquals(
        "the vCPUs of vm are paused by whoever asks for the migration (guest: none)"
            + " and let run by the agent (qmp)",
        check.detail());
    guests.put(A, new HostView.Guests("qmp", Map.of()));
    assertEquals(Verdict.PASS, check("guest").verdict());
  }

  @Test
  void anAgentThatIsNotReadySaysWhy() {
    state = AgentState.STALE;
    Check check = failed("agents");
    assertEquals("host-b's agent is STALE", check.detail());
    assertEquals("host-b", check.host());
    trouble = "connection refused";
    assertEquals("host-b's agent is STALE: connection refused", failed("agents").detail());
  }

  @Test
  void aCordonedDestinationTakesNothing() {
    schedulable = false;
    Check check = failed("destination-schedulable");
    assertEquals("host-b is cordoned", check.detail());
    assertEquals("POST /hosts/host-b/uncordon", check.fix());
    assertEquals("host-b", check.host());
  }

  @Test
  void aDeviceThatIsNotThereIsNamedOnItsHost() {
    there.remove(1);
    Check check = failed("devices-known");
    assertEquals("host-b has no device d1", check.detail());
    assertEquals("d1", check.device());
    here.remove(1);
    assertEquals(List.of("host-a has no device d1", "host-b has no device d1"), details());
  }

  @Test
  void aDeviceThatCannotBeUsedSaysWhyAndNothingElseIsSaidOfIt() {
    here.set(1, device(A, "d1").flags(0).state(DeviceState.ERROR).unavailable("no group").view());
    assertEquals(List.of("host-a d1 cannot be used: no group"), details());
  }

  @Test
  void anEmptySetIsNoSet() {
    order = Orders.order(0, false, 0);
    here.clear();
    assertEquals("the set is empty", failed("devices-known").detail());
  }

  @Test
  void aDeviceWithoutMigrationSupportCannotGo() {
    there.set(0, device(B, "d0").flags(2).view());
    Check check = failed("migration-support");
    assertTrue(check.detail().startsWith("host-b d0 (driver) lacks STOP_COPY"), check.detail());
    assertEquals("d0", check.device());
  }

  @Test
  void aDeviceWithoutP2pGoesAloneOnly() {
    here.set(0, device(A, "d0").with("vm").flags(1).view());
    assertTrue(failed("peer-to-peer").detail().startsWith("host-a d0 (driver) lacks P2P"));
    here.remove(1);
    order = Orders.order(1, false, 0);
    assertEquals(List.of(), details());
  }

  @Test
  void theSourceBelongsToTheMachineAndTheDestinationToNobody() {
    here.set(0, device(A, "d0").with("vm-2").view());
    here.set(1, device(A, "d1").view());
    there.set(0, device(B, "d0").with("vm-3").view());
    assertEquals(
        List.of(
            "host-a d0 (driver) belongs to vm-2",
            "host-b d0 (driver) belongs to vm-3",
            "host-a d1 (driver) belongs to nobody"),
        details());
  }

  @Test
  void aDeviceOfTheMachineThatIsLeftOutIsNamed() {
    here.add(device(A, "d2").with("vm").view());
    here.add(device(A, "d3").with("vm-2").view());
    Check check = failed("whole-set");
    assertEquals("host-a d2 (driver) belongs to the set and is left out", check.detail());
    assertEquals(List.of(check.detail()), details());
  }

  @Test
  void aDeviceThatAnotherMigrationHoldsIsNotTaken() {
    there.set(0, device(B, "d0").claim("m7").view());
    Check check = failed("claim");
    assertEquals("host-b d0 (driver) is held by migration m7", check.detail());
    assertTrue(String.valueOf(check.fix()).endsWith("GET /migrations/m7/explain"));
  }

  @Test
  void aSourceThatDoesNotRunIsNotStopped() {
    here.set(1, device(A, "d1").with("vm").state(DeviceState.STOP).view());
    there.set(1, device(B, "d1").state(DeviceState.STOP).view());
    assertEquals(List.of("host-a d1 (driver) is in STOP"), details());
  }

  @Test
  void anotherProfileIsAWarning() {
    there.set(1, device(B, "d1").model("other").view());
    assertEquals(List.of(), details());
    Check check = check("same-profile");
    assertEquals(Verdict.WARN, check.verdict());
    assertEquals(
        "host-a d1 (driver) is driver/model, host-b d1 (driver) is driver/other", check.detail());
    assertEquals("host-b", check.host());
    assertEquals("d1", check.device());
  }

  @Test
  void anEstimateOverTheBudgetIsAWarning() {
    order = Orders.order(2, false, 2_199); // 2 MB at 1 MB/s and the hops
    Check check = check("budget");
    assertEquals(Verdict.WARN, check.verdict());
    assertTrue(check.detail().contains("2200 ms is over the budget 2199 ms"), check.detail());
    order = Orders.order(2, false, 2_200);
    assertEquals(Verdict.PASS, check("budget").verdict());
    here.set(0, device(A, "d0").with("vm").bytes(null).view());
    order = Orders.order(2, false, 1);
    assertEquals(Verdict.PASS, check("budget").verdict(), "nothing is known, nothing is said");
  }

  @Test
  void whatHopsTookBeforeIsTheBasisOnceAllOfThemWereSeen() {
    assertEquals("device", Estimate.of(order, host(A, here), learned).basis());
    seen(DeviceState.RUNNING, DeviceState.RUNNING_P2P, 10);
    seen(DeviceState.RUNNING_P2P, DeviceState.STOP, 20);
    seen(DeviceState.RESUMING, DeviceState.STOP, 30);
    seen(DeviceState.STOP, DeviceState.RUNNING_P2P, 40);
    seen(DeviceState.RUNNING_P2P, DeviceState.RUNNING, 50);
    assertEquals("device", Estimate.of(order, host(A, here), learned).basis(), "no whole one yet");
    var slowest = new Note.GateOpened(new Gate(Gate.Name.QUIESCED, 1, 0, 150_000_000L, 0, "d0"));
    var back = new Note.CameBack(new Migration.Blackout(0, 0, 2_157_000_000L, 0, 0));
    Migration over = Orders.in(Phase.CLEANING, Evidence.NONE, null).with(List.of(slowest, back), 1);
    for (int i = 0; i < Latencies.LEAST; i++) {
      learned.learn(over, 2_000_000_000L);
    }
    Estimate history = Estimate.of(order, host(A, here), learned);
    assertEquals("history", history.basis());
    assertEquals(157L, history.fixedMillis(), "five slowest hops and 7 ms of all else");
    assertEquals(2_157L, history.totalMillis());
  }

  private void seen(DeviceState from, DeviceState to, long millis) {
    Hop hop = new Hop(from, to);
    var report =
        new HopReport(
            new DeviceName("d0"), hop, HopReport.Outcome.DONE, to, null, 0, millis * 1_000_000);
    String profile = here.getFirst().profile();
    learned.learn(Collections.nCopies(Latencies.LEAST, report), device -> Optional.of(profile));
  }

  @Test
  void anEstimateIsTheBytesThatAreLeftForTheBlackoutOverTheLink() {
    Estimate direct = Estimate.of(order, host(A, here), learned);
    assertEquals(2_200L, direct.totalMillis());
    assertEquals(2_000L, direct.copyMillis());
    assertEquals(200L, direct.fixedMillis());
    assertEquals(2_000_000L, direct.bytes());
    assertEquals(RATE, direct.bytesPerSecond());
    assertEquals("device", direct.basis());
    here.set(0, device(A, "d0").with("vm").bytes(10L).view());
    here.set(1, device(A, "d1").with("vm").bytes(9L << 20).view());
    Estimate live = Estimate.of(Orders.order(2, true, 0), host(A, here), learned);
    assertEquals((1L << 20) + 10, live.bytes(), "what may be left of each when it is stopped");
    here.set(1, device(A, "d1").with("vm").flags(3).bytes(9L << 20).view());
    Estimate mixed = Estimate.of(Orders.order(2, true, 0), host(A, here), learned);
    assertEquals((9L << 20) + 10, mixed.bytes(), "one that cannot pre-copy is copied whole");
    here.remove(1);
    Estimate unknown = Estimate.of(order, host(A, here), learned);
    assertNull(unknown.totalMillis());
    assertEquals("default", unknown.basis());
    assertEquals(RATE, unknown.bytesPerSecond());
  }

  @Test
  void devicesAreMatchedByNameThenByProfile() {
    there.set(0, device(B, "x0").view());
    there.add(device(B, "x1").view());
    there.add(0, device(B, "busy").claim("m7").view());
    there.add(0, device(B, "owned").with("vm-2").view());
    there.add(0, device(B, "broken").unavailable("no group").view());
    there.add(0, device(B, "other").model("other").view());
    Matching.Found found = Matching.match("vm", host(A, here), host(B, there));
    assertEquals(List.of(), found.missing());
    assertEquals(
        List.of(
            new Order.Pair(new DeviceName("d0"), new DeviceName("x0")),
            new Order.Pair(new DeviceName("d1"), new DeviceName("d1"))),
        found.pairs());
  }

  @Test
  void aDeviceIsTakenOnceAndWhatIsMissingIsNamed() {
    there.remove(1);
    Matching.Found found = Matching.match("vm", host(A, here), host(B, there));
    assertEquals(1, found.pairs().size());
    assertEquals(
        List.of("host-b has no free device of profile driver/model for d1"), found.missing());
    Matching.Found none = Matching.match("vm-9", host(A, here), host(B, there));
    assertEquals(List.of("host-a has no device of vm-9"), none.missing());
    assertEquals(List.of(), none.pairs());
  }

  @Test
  void whatHasAPlaceIsCheckedOnceMoreOnFreshKnowledge() {
    Migration queued = Orders.in(Phase.QUEUED, Evidence.NONE, null);
    assertEquals(Trigger.ADMITTED, admit(queued, Admission.Place.FREE).trigger());
    assertEquals(Decision.nothing(), admit(queued, Admission.Place.TAKEN));
    Migration checking = Orders.in(Phase.CHECKING, Evidence.NONE, null);
    assertEquals(Trigger.CHECKED, admit(checking, Admission.Place.TAKEN).trigger());
    schedulable = false;
    there.remove(1);
    Decision dropped = admit(checking, Admission.Place.TAKEN);
    assertEquals(Trigger.DROPPED, dropped.trigger());
    assertEquals(Outcome.FAILED, dropped.outcome());
    assertEquals("host-b is cordoned; host-b has no device d1", Scene.failure(dropped).detail());
    Note wish = new Note.AbortWished(new Migration.Wish("ops", "x", 1));
    Decision cancelled = admit(queued.with(List.of(wish), 1), Admission.Place.FREE);
    assertEquals(Trigger.DROPPED, cancelled.trigger());
    assertEquals(Outcome.CANCELLED, cancelled.outcome());
  }

  @Test
  void aHostThatLeftTheInventoryDropsTheOrder() {
    Migration checking = Orders.in(Phase.CHECKING, Evidence.NONE, null);
    Optional<HostView> known = Optional.of(host(A, here));
    for (List<Optional<HostView>> pair :
        List.of(
            List.of(known, Optional.<HostView>empty()),
            List.of(Optional.<HostView>empty(), known))) {
      Decision dropped =
          Admission.decide(checking, pair.getFirst(), pair.getLast(), Admission.Place.FREE);
      assertEquals(Trigger.DROPPED, dropped.trigger());
      assertTrue(Scene.failure(dropped).detail().contains("inventory"));
    }
  }

  private Decision admit(Migration m, Admission.Place place) {
    return Admission.decide(m, Optional.of(host(A, here)), Optional.of(host(B, there)), place);
  }

  private List<Check> checks() {
    return Checks.of(order, host(A, here), host(B, there));
  }

  private List<String> details() {
    return Checks.failures(checks()).stream().map(Check::detail).toList();
  }

  private Check failed(String id) {
    Check check = check(id);
    assertEquals(Verdict.FAIL, check.verdict(), check::toString);
    return check;
  }

  private Check check(String id) {
    return checks().stream().filter(c -> c.id().equals(id)).findFirst().orElseThrow();
  }

  private HostView host(HostName name, List<DeviceView> devices) {
    boolean source = name.equals(A);
    return new HostView(
        name,
        URI.create("http://" + name),
        URI.create("http://" + name),
        "data:1",
        Map.of(),
        source || schedulable,
        source ? AgentState.READY : state,
        "test",
        RATE,
        1L,
        null,
        source ? null : trouble,
        devices,
        guests.get(name),
        HostMarks.NONE);
  }

  private static Draft device(HostName host, String name) {
    return new Draft(host, name);
  }

  /** One device of the inventory, sound and free unless something else is said. */
  private static final class Draft {
    private final HostName host;
    private final String name;
    private int flags = 7;
    private String model = "model";
    private DeviceState state = DeviceState.RUNNING;
    private @Nullable String vm;
    private @Nullable String claim;
    private @Nullable Long bytes = 1_000_000L;
    private @Nullable String unavailable;

    Draft(HostName host, String name) {
      this.host = host;
      this.name = name;
    }

    Draft with(String owner) {
      vm = owner;
      return this;
    }

    Draft flags(int bits) {
      flags = bits;
      return this;
    }

    Draft model(String other) {
      model = other;
      return this;
    }

    Draft state(DeviceState at) {
      state = at;
      return this;
    }

    Draft claim(String by) {
      claim = by;
      return this;
    }

    Draft bytes(@Nullable Long size) {
      bytes = size;
      return this;
    }

    Draft unavailable(String why) {
      unavailable = why;
      return this;
    }

    DeviceView view() {
      var offered = Capabilities.ofFlags(flags);
      return new DeviceView(
          host,
          new DeviceName(name),
          "sim",
          "driver",
          model,
          offered,
          state,
          0,
          vm,
          claim,
          bytes,
          unavailable);
    }
  }
}

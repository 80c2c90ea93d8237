package io.fermata.lab;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.fermata.device.DeviceState;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.HopReport;
import io.fermata.lab.HoldingLab.Vm;
import io.fermata.migration.Live;
import io.fermata.migration.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The second part of the kernel lab: as many devices as there are, calls that hang, devices that
 * others reset, and agents that are killed wherever a migration can stand still.
 *
 * <p>Every device of gamma holds a byte of its own. When all is over, a probe that shares no code
 * with the project reads it from the register of the device where its machine is then.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KernelLabHoldingIT {
  private static final Vm HUNG = new Vm(11);
  private static final Vm BESIDE = new Vm(10);

  private final List<HopReport> hops = new ArrayList<>();
  private final Lab.Stopwatch watch = new Lab.Stopwatch();
  private final Map<Vm, LabHost> where = new HashMap<>();
  private HoldingLab lab;

  @BeforeAll
  void start() {
    assumeFalse("off".equals(System.getProperty("fermata.lab")), "-Dfermata.lab=off");
    LabKernel.ready();
    lab = new HoldingLab(Path.of(System.getProperty("fermata.jar")));
    for (int i = 0; i < HoldingLab.DEVICES / 2; i++) {
      where.put(new Vm(i), lab.gamma);
    }
    watch.lap("the lab is up");
  }

  @AfterAll
  void stop() {
    if (lab != null) {
      lab.close();
      System.out.println(
          "lab: hops of the kernel's mtty devices in two emulated machines, whose driver has"
              + " nothing to do in a hop.\nlab: a trial setting adds "
              + HoldingLab.DELAY
              + " to each hop of "
              + HoldingLab.DELAYED
              + " on gamma into STOP, and some hops were made to hang.\n"
              + HopLog.table(hops));
      watch.lap("the lab is down");
    }
  }

  @Test
  @Order(1)
  void anOperatorReadsWhatEachHostHasAndWhoHoldsIt() {
    for (LabHost host : List.of(lab.gamma, lab.delta)) {
      String listing = host.listing();
      System.out.println(listing.lines().limit(9).collect(joining("\n")));
      listing.lines().forEach(line -> assertTrue(line.length() <= 100, line));
      String held = "held by this agent, open in java (pid " + host.vmm() + ")";
      assertEquals(
          HoldingLab.DEVICES, listing.lines().filter(l -> l.contains(held)).count(), listing);
      assertTrue(listing.contains("stop_copy,p2p,pre_copy"), listing);
      assertTrue(listing.contains("60 B"), listing);
    }
  }

  @Test
  @Order(2)
  void allTwentyFourMoveAtOnceAndWaitForTheSlowestAtTheGate() {
    Live ended = move(HoldingLab.ALL, lab.gamma, lab.delta, all(), false);
    assertEquals(Outcome.SUCCEEDED, ended.migration().outcome(), () -> "" + ended);
    HopLog source = HopLog.of(ended.source());
    source.wholeSetTook("RUNNING→RUNNING_P2P", "RUNNING_P2P→STOP");
    source.wholeSetTook("RUNNING_P2P→STOP", "STOP→STOP_COPY");
    HopLog.of(ended.destination()).wholeSetTook("RESUMING→STOP", "STOP→RUNNING_P2P");
    HopLog.of(ended.destination()).wholeSetTook("STOP→RUNNING_P2P", "RUNNING_P2P→RUNNING");
    assertTrue(source.slowest("RUNNING_P2P→STOP").device().value().equals(HoldingLab.DELAYED));
    watch.lap("24 devices moved at once, one of them delayed: " + blackout(ended));
    Live back = move(HoldingLab.ALL, lab.delta, lab.gamma, all(), true);
    assertEquals(Outcome.SUCCEEDED, back.migration().outcome(), () -> "" + back);
    watch.lap("24 devices moved back with pre-copy: " + blackout(back));
  }

  @Test
  @Order(3)
  void aDeviceThatAnotherProcessResetsDuringPreCopyTurnsTheWholeSetBack() {
    String reset = "mtty5";
    int since = lab.atGamma.now();
    lab.atGamma.shut("mtty0", "PRE_COPY_P2P");
    MigrationId id =
        lab.orchestrator.submit(order(HoldingLab.ALL, lab.gamma, lab.delta, all(), true));
    lab.atGamma.awaitHanging("mtty0", "PRE_COPY_P2P", since);
    String told = lab.gamma.probe(List.of("reset-in", lab.gamma.vmm(), path(lab.gamma, reset)));
    assertTrue(told.contains("reset: 0"), told);
    lab.atGamma.openAll();
    Live ended = kept(lab.orchestrator.ended(id));
    assertTrue(
        Set.of(Outcome.ROLLED_BACK, Outcome.FAILED).contains(ended.migration().outcome()),
        () -> "" + ended);
    lab.orchestrator.awaitAtRest();
    allRun(lab.gamma, all().keySet());
    String noticed = reset + " is in RUNNING and was left in ";
    assertTrue(lab.gamma.read("agent.log").contains(noticed), "the reset was not noticed");
    watch.lap("reset by another process in pre-copy: " + ended.migration().failure());
  }

  @Test
  @Order(4)
  void aCallThatDoesNotReturnHoldsNobodyElseUpAndItsLateSuccessIsSeen() {
    lab.startPairs();
    watch.lap("both agents killed and started again with twelve machines of two devices");
    int since = lab.atGamma.now();
    lab.atGamma.shut(HUNG.first(), "STOP_COPY");
    MigrationId hung = lab.orchestrator.begin(order(HUNG, lab.gamma, lab.delta, false));
    lab.atGamma.awaitHanging(HUNG.first(), "STOP_COPY", since);
    Live beside = kept(lab.orchestrator.ended(begin(BESIDE, lab.gamma, lab.delta, false)));
    assertEquals(Outcome.SUCCEEDED, beside.migration().outcome(), () -> "" + beside);
    lab.orchestrator.awaitFree(BESIDE.name());
    Live back = kept(lab.orchestrator.ended(begin(BESIDE, lab.delta, lab.gamma, false)));
    assertEquals(Outcome.SUCCEEDED, back.migration().outcome(), () -> "" + back);
    lab.orchestrator.awaitFree(BESIDE.name());
    lab.orchestrator.await(
        hung, live -> HopLog.of(live.source()).ended(HUNG.first(), HopReport.Outcome.UNKNOWN));
    watch.lap("a hop hangs for longer than its deadline: UNKNOWN; others moved there and back");
    lab.atGamma.openAll();
    Live ended = kept(lab.orchestrator.ended(hung));
    assertEquals(Outcome.ROLLED_BACK, ended.migration().outcome(), () -> "" + ended);
    lab.orchestrator.awaitAtRest();
    allRun(lab.gamma, HUNG.pairs().keySet());
    watch.lap("the hop returned late, the set walked back: " + ended.migration().failure());
  }

  @Test
  @Order(5)
  void aSourceAgentKilledWhereverItsMigrationsStandLeavesEverySetOnOneSide() {
    killed(lab.gamma, places(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  }

  @Test
  @Order(6)
  void aDestinationAgentKilledWhereverItsMigrationsStandLeavesEverySetOnOneSide() {
    killed(lab.delta, places(0, 1, 2, 3, 4, 5, 6, 10, 11, 9));
  }

  @Test
  @Order(7)
  void everyRegisterHoldsTheByteOfItsMachine() {
    lab.gamma.tell("stop-agent");
    lab.delta.tell("stop-agent");
    lab.gamma.run("kill " + lab.gamma.vmm(), "ending the VMM");
    lab.delta.run("kill " + lab.delta.vmm(), "ending the VMM");
    Map<String, Integer> given = HoldingLab.stamps();
    Map<LabHost, Map<String, Integer>> read = new HashMap<>();
    read.put(lab.gamma, lab.gamma.stamps());
    read.put(lab.delta, lab.delta.stamps());
    where.forEach((vm, host) ->
        vm.pairs()
            .keySet()
            .forEach(device ->
                assertEquals(
                    given.get(device),
                    Objects.requireNonNull(read.get(host)).get(device),
                    vm.name() + " on " + host.plan().name() + " " + device)));
    watch.lap("every register read by the probe holds its byte");
  }

  /** Which machine stands still where. */
  private static Map<Standstill, Vm> places(int... numbers) {
    Map<Standstill, Vm> places = new EnumMap<>(Standstill.class);
    List<Standstill> all = List.of(Standstill.values());
    for (int i = 0; i < numbers.length; i++) {
      places.put(all.get(i), new Vm(numbers[i]));
    }
    return places;
  }

  /** Ten migrations stand still at ten places, and the agent is killed once. */
  private void killed(LabHost victim, Map<Standstill, Vm> places) {
    Map<Standstill, MigrationId> begun = standing(places);
    victim.tell("kill-agent");
    assertEquals("ended 137", victim.agentState());
    lab.atGamma.openAll();
    lab.atDelta.openAll();
    victim.tell("start-agent");
    watch.lap(victim.plan().name() + "'s agent killed with ten migrations at ten places");
    Map<Standstill, Outcome> outcomes = new EnumMap<>(Standstill.class);
    begun.forEach((place, id) -> {
      Live ended = kept(lab.orchestrator.ended(id));
      outcomes.put(place, Objects.requireNonNull(ended.migration().outcome()));
      Vm vm = Objects.requireNonNull(places.get(place));
      where.put(vm, place.sealed() ? lab.delta : lab.gamma);
    });
    watch.lap("all ten ended: " + table(outcomes));
    outcomes.forEach((place, outcome) -> assertTrue(place.mayEnd(outcome), place + ": " + outcome));
    lab.orchestrator.awaitAtRest();
    places.values().forEach(this::runsOnOneSide);
  }

  private Map<Standstill, MigrationId> standing(Map<Standstill, Vm> places) {
    var marks =
        new HoldingLab.Marks(lab.atGamma, lab.atGamma.now(), lab.atDelta, lab.atDelta.now());
    Map<Standstill, MigrationId> begun = new EnumMap<>(Standstill.class);
    lab.orchestrator.awaitAtRest();
    places.forEach((place, vm) -> {
      place.shutFirst(vm, lab.atGamma, lab.atDelta);
      begun.put(place, begin(vm, lab.gamma, lab.delta, place.preCopy()));
    });
    places.forEach((place, vm) -> place.awaitFirst(vm, marks));
    places.forEach((place, vm) -> {
      if (place.goesOn()) {
        if (place == Standstill.WALKING_BACK) {
          lab.orchestrator.abort(Objects.requireNonNull(begun.get(place)));
        }
        place.goOn(vm, lab.atGamma, lab.atDelta);
      }
    });
    places.forEach((place, vm) -> {
      if (place.goesOn()) {
        place.awaitSecond(vm, marks);
      }
    });
    watch.lap("ten migrations stand still at ten places");
    return begun;
  }

  /** By the agents' word it has its devices on that host only, and by the kernel's they run. */
  private void runsOnOneSide(Vm vm) {
    LabHost host = Objects.requireNonNull(where.get(vm));
    Set<String> devices = vm.pairs().keySet();
    assertEquals(Map.of(host.plan().name(), devices), lab.orchestrator.owned(vm.name()), vm.name());
    allRun(host, devices);
  }

  private static String table(Map<Standstill, Outcome> outcomes) {
    return outcomes.entrySet().stream()
        .map(each -> each.getKey() + " " + each.getValue())
        .collect(joining(", "));
  }

  private MigrationId begin(Vm vm, LabHost from, LabHost to, boolean preCopy) {
    return lab.orchestrator.begin(order(vm, from, to, preCopy));
  }

  private Live move(
      String vm, LabHost from, LabHost to, Map<String, String> pairs, boolean preCopy) {
    return kept(lab.orchestrator.move(order(vm, from, to, pairs, preCopy)));
  }

  private static io.fermata.migration.Order order(
      Vm vm, LabHost from, LabHost to, boolean preCopy) {
    return order(vm.name(), from, to, vm.pairs(), preCopy);
  }

  private static io.fermata.migration.Order order(
      String vm, LabHost from, LabHost to, Map<String, String> pairs, boolean preCopy) {
    return KernelLabIT.order(vm, from, to, pairs, preCopy);
  }

  private static Map<String, String> all() {
    Map<String, String> pairs = new TreeMap<>();
    for (int i = 0; i < HoldingLab.DEVICES; i++) {
      pairs.put("mtty" + i, "mtty" + i);
    }
    return pairs;
  }

  private Live kept(Live ended) {
    hops.addAll(ended.source().hops());
    hops.addAll(ended.destination().hops());
    return ended;
  }

  private static String path(LabHost host, String device) {
    return host.device(device).path();
  }

  private static void allRun(LabHost host, Set<String> devices) {
    Map<String, DeviceState> states = host.witnessed();
    devices.forEach(
        d -> assertEquals(DeviceState.RUNNING, states.get(d), host.plan().name() + " " + states));
  }

  private static String blackout(Live ended) {
    var blackout = Objects.requireNonNull(ended.migration().blackout());
    return "blackout %.1f ms".formatted(blackout.totalNanos() / 1e6);
  }
}

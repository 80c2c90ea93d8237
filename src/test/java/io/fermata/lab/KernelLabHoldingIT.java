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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The second part of the kernel lab: as many devices as there are, calls that hang, devices that
 * others reset, and an agent that is killed wherever a migration can stand still.
 *
 * <p>Every device of gamma holds a byte of its own. When all is over, a probe that shares no code
 * with the project reads it from the register of the device where its machine is then.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KernelLabHoldingIT {
  private static final Vm HUNG = new Vm(11);
  private static final Vm BESIDE = new Vm(10);
  private static final Vm RESET = new Vm(2);

  private final List<HopReport> hops = new ArrayList<>();
  private final Lab.Stopwatch watch = new Lab.Stopwatch();
  private final Map<Vm, LabHost> where = new HashMap<>();
  private HoldingLab lab;
  private List<Stand> stands = List.of();

  @BeforeAll
  void start() {
    assumeFalse("off".equals(System.getProperty("fermata.lab")), "-Dfermata.lab=off");
    LabKernel.ready();
    lab = new HoldingLab(Path.of(System.getProperty("fermata.jar")));
    HoldingLab.VMS.forEach(vm -> where.put(vm, lab.gamma));
    watch.lap("the lab is up");
  }

  @AfterAll
  void stop() {
    if (lab != null) {
      lab.close();
      String told =
          "lab: hops of the kernel's mtty devices in two emulated machines, whose driver has"
              + " nothing to do in a hop.\nlab: a trial setting adds "
              + HoldingLab.DELAY
              + " to each hop of "
              + HoldingLab.DELAYED
              + " on gamma into STOP, and some hops were made to hang.\n"
              + HopLog.table(hops);
      System.out.println(told);
      keep(told);
      watch.lap("the lab is down");
    }
  }

  private static void keep(String table) {
    try {
      Files.writeString(Path.of("target/lab/hops-holding.txt"), table);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
  void allTwentyFourMoveAtOnceAndEachSetWaitsForItsSlowestAtTheGates() {
    List<Live> moved = allAtOnce(HoldingLab.VMS, lab.gamma, lab.delta, false);
    for (Live ended : moved) {
      HopLog source = HopLog.of(ended.source());
      source.wholeSetTook("RUNNING→RUNNING_P2P", "RUNNING_P2P→STOP");
      source.wholeSetTook("RUNNING_P2P→STOP", "STOP→STOP_COPY");
      HopLog.of(ended.destination()).wholeSetTook("RESUMING→STOP", "STOP→RUNNING_P2P");
      HopLog.of(ended.destination()).wholeSetTook("STOP→RUNNING_P2P", "RUNNING_P2P→RUNNING");
    }
    HopReport slowest = HopLog.of(moved.getLast().source()).slowest("RUNNING_P2P→STOP");
    assertEquals(HoldingLab.DELAYED, slowest.device().value());
    watch.lap("24 devices moved at once, one of them delayed: " + blackouts(moved));
    List<Live> back = allAtOnce(HoldingLab.VMS, lab.delta, lab.gamma, true);
    watch.lap("24 devices moved back with pre-copy: " + blackouts(back));
  }

  @Test
  @Order(3)
  void aDeviceThatAnotherProcessResetsDuringPreCopyTurnsTheWholeSetBack() {
    int since = lab.atGamma.now();
    lab.atGamma.shut(RESET.first(), "PRE_COPY_P2P");
    MigrationId id = begin(RESET, lab.gamma, lab.delta, true);
    lab.atGamma.awaitHanging(RESET.first(), "PRE_COPY_P2P", since);
    lab.gamma.resetByVmm(RESET.second());
    lab.atGamma.openAll();
    Live ended = kept(lab.orchestrator.ended(id));
    assertTrue(
        Set.of(Outcome.ROLLED_BACK, Outcome.FAILED).contains(ended.migration().outcome()),
        () -> "" + ended);
    lab.orchestrator.awaitAtRest();
    allRun(lab.gamma, RESET.pairs().keySet());
    String noticed = RESET.second() + " is in RUNNING and was left in ";
    assertTrue(lab.gamma.read("agent.log").contains(noticed), "the reset was not noticed");
    watch.lap("reset by another process in pre-copy: " + ended.migration().failure());
  }

  @Test
  @Order(4)
  void aCallThatDoesNotReturnHoldsNobodyElseUpAndItsLateSuccessIsSeen() {
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

  /**
   * Gamma's agent is killed once, as the source of six migrations and the destination of six. The
   * seed draws at which place each of them stands; every place is stood at.
   */
  @Test
  @Order(5)
  void anAgentKilledWhereverItsMigrationsStandLeavesEverySetOnOneSide() {
    List<Vm> away = HoldingLab.VMS.subList(HoldingLab.VMS.size() / 2, HoldingLab.VMS.size());
    moved(away, lab.gamma, lab.delta);
    watch.lap("six machines moved, so that each agent is the source of six");
    stands = drawn(Long.getLong("fermata.lab.seed", 1));
    killed(lab.gamma, stands);
  }

  /**
   * Now delta's: it is the destination where gamma was the source, and the other way round. So an
   * agent has been killed at every place on either side.
   */
  @Test
  @Order(6)
  void theOtherAgentKilledThereToo() {
    List<Stand> again = again(stands.subList(0, Standstill.values().length));
    watch.lap("machines moved, so that as many start from either host as before");
    killed(lab.delta, again);
    Set<String> sides = new HashSet<>();
    stands.forEach(each -> sides.add(each.place + (each.from == lab.gamma ? " source" : "")));
    again.forEach(each -> sides.add(each.place + (each.from == lab.delta ? " source" : "")));
    assertEquals(2 * Standstill.values().length, sides.size(), sides::toString);
  }

  private void killed(LabHost host, List<Stand> stands) {
    stands.forEach(each -> System.out.println("lab: " + each));
    Map<Stand, MigrationId> begun = standing(stands);
    host.tell("kill-agent");
    assertEquals("ended 137", host.agentState());
    lab.atGamma.openAll();
    lab.atDelta.openAll();
    host.tell("start-agent");
    watch.lap(host.plan().name() + ": agent killed with all at their places, and started");
    Map<Stand, Outcome> outcomes = new LinkedHashMap<>();
    begun.forEach((stand, id) -> {
      Live ended = kept(lab.orchestrator.ended(id));
      Outcome outcome = Objects.requireNonNull(ended.migration().outcome());
      outcomes.put(stand, outcome);
      where.put(stand.vm, outcome == Outcome.SUCCEEDED ? stand.to : stand.from);
    });
    outcomes.forEach((stand, outcome) -> System.out.println("lab: " + stand + ": " + outcome));
    outcomes.forEach(
        (stand, outcome) -> assertTrue(stand.place.mayEnd(outcome), stand + ": " + outcome));
    lab.orchestrator.awaitAtRest();
    watch.lap("all of them ended");
    HoldingLab.VMS.forEach(this::runsOnOneSide);
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

  /** A migration that is to stand still somewhere. */
  private record Stand(Standstill place, Vm vm, LabHost from, LabHost to) {
    @Override
    public String toString() {
      return place + " " + vm.name() + " " + from.plan().name() + "→" + to.plan().name();
    }
  }

  /** A place for each machine: all of them in random order, then some of them again. */
  private List<Stand> drawn(long seed) {
    System.out.println("lab: -Dfermata.lab.seed=" + seed);
    Random random = new Random(seed);
    List<Standstill> places = new ArrayList<>(List.of(Standstill.values()));
    Collections.shuffle(places, random);
    List<Stand> stands = new ArrayList<>();
    for (Vm vm : HoldingLab.VMS) {
      int next = stands.size();
      Standstill place = places.get(next < places.size() ? next : random.nextInt(places.size()));
      LabHost from = Objects.requireNonNull(where.get(vm));
      stands.add(new Stand(place, vm, from, from == lab.gamma ? lab.delta : lab.gamma));
    }
    return stands;
  }

  /** The same places in the same directions, by machines that are where those have to begin. */
  private List<Stand> again(List<Stand> before) {
    for (LabHost host : List.of(lab.gamma, lab.delta)) {
      LabHost other = host == lab.gamma ? lab.delta : lab.gamma;
      long wanted = before.stream().filter(stand -> stand.from == host).count();
      moved(at(other).stream().limit(Math.max(0, wanted - at(host).size())).toList(), other, host);
    }
    Map<LabHost, Iterator<Vm>> free =
        Map.of(lab.gamma, at(lab.gamma).iterator(), lab.delta, at(lab.delta).iterator());
    return before.stream()
        .map(old ->
            new Stand(
                old.place, Objects.requireNonNull(free.get(old.from)).next(), old.from, old.to))
        .toList();
  }

  private List<Vm> at(LabHost host) {
    return HoldingLab.VMS.stream().filter(vm -> where.get(vm) == host).toList();
  }

  private void moved(List<Vm> vms, LabHost from, LabHost to) {
    for (Live each : allAtOnce(vms, from, to, false)) {
      where.put(vm(each), to);
    }
  }

  private Map<Stand, MigrationId> standing(List<Stand> stands) {
    lab.orchestrator.awaitAtRest();
    int gammaSince = lab.atGamma.now();
    int deltaSince = lab.atDelta.now();
    var onwards = new HoldingLab.Marks(lab.atGamma, gammaSince, lab.atDelta, deltaSince);
    var back = new HoldingLab.Marks(lab.atDelta, deltaSince, lab.atGamma, gammaSince);
    Map<Stand, MigrationId> begun = new LinkedHashMap<>();
    Map<Stand, HoldingLab.Marks> marks = new LinkedHashMap<>();
    for (Stand stand : stands) {
      marks.put(stand, stand.from == lab.gamma ? onwards : back);
      var gates = Objects.requireNonNull(marks.get(stand));
      stand.place.shutFirst(stand.vm, gates.from(), gates.to());
      begun.put(stand, begin(stand.vm, stand.from, stand.to, stand.place.preCopy()));
    }
    marks.forEach((stand, gates) -> stand.place.awaitFirst(stand.vm, gates));
    marks.forEach((stand, gates) -> {
      if (stand.place == Standstill.WALKING_BACK) {
        lab.orchestrator.abort(Objects.requireNonNull(begun.get(stand)));
      }
      if (stand.place.goesOn()) {
        stand.place.goOn(stand.vm, gates.from(), gates.to());
      }
    });
    marks.forEach((stand, gates) -> {
      if (stand.place.goesOn()) {
        stand.place.awaitSecond(stand.vm, gates);
      }
    });
    watch.lap(stands.size() + " migrations stand still at ten places");
    return begun;
  }

  /** By the agents' word it has its devices on that host only, and by the kernel's they run. */
  private void runsOnOneSide(Vm vm) {
    LabHost host = Objects.requireNonNull(where.get(vm));
    Set<String> devices = vm.pairs().keySet();
    assertEquals(Map.of(host.plan().name(), devices), lab.orchestrator.owned(vm.name()), vm.name());
    allRun(host, devices);
  }

  private MigrationId begin(Vm vm, LabHost from, LabHost to, boolean preCopy) {
    return lab.orchestrator.begin(order(vm, from, to, preCopy));
  }

  /** All of these are begun before the first has ended. */
  private List<Live> allAtOnce(List<Vm> vms, LabHost from, LabHost to, boolean preCopy) {
    lab.orchestrator.awaitAtRest();
    List<MigrationId> begun = vms.stream().map(vm -> begin(vm, from, to, preCopy)).toList();
    List<Live> ended = begun.stream().map(id -> kept(lab.orchestrator.ended(id))).toList();
    ended.forEach(
        each -> assertEquals(Outcome.SUCCEEDED, each.migration().outcome(), () -> "" + each));
    lab.orchestrator.awaitAtRest();
    return ended;
  }

  private static io.fermata.migration.Order order(
      Vm vm, LabHost from, LabHost to, boolean preCopy) {
    return KernelLabIT.order(vm.name(), from, to, vm.pairs(), preCopy);
  }

  private static Vm vm(Live live) {
    String name = live.migration().order().vm();
    return HoldingLab.VMS.stream().filter(vm -> vm.name().equals(name)).findFirst().orElseThrow();
  }

  private Live kept(Live ended) {
    hops.addAll(ended.source().hops());
    hops.addAll(ended.destination().hops());
    return ended;
  }

  private static void allRun(LabHost host, Set<String> devices) {
    Map<String, DeviceState> states = host.witnessed();
    devices.forEach(
        d -> assertEquals(DeviceState.RUNNING, states.get(d), host.plan().name() + " " + states));
  }

  private static String blackouts(List<Live> ended) {
    var nanos =
        ended.stream()
            .mapToLong(each -> Objects.requireNonNull(each.migration().blackout()).totalNanos())
            .summaryStatistics();
    return "blackouts %.1f to %.1f ms".formatted(nanos.getMin() / 1e6, nanos.getMax() / 1e6);
  }
}

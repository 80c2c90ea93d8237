package io.fermata.chaos;

import static io.fermata.chaos.CrashPoint.Moment.ANSWERED;
import static io.fermata.chaos.CrashPoint.Moment.BEFORE;
import static io.fermata.chaos.CrashPoint.Moment.SENT;
import static io.fermata.chaos.CrashPoint.Moment.SUBMITTED;
import static io.fermata.device.DeviceState.PRE_COPY_P2P;
import static io.fermata.device.DeviceState.RUNNING_P2P;
import static io.fermata.device.DeviceState.STOP;
import static io.fermata.device.DeviceState.STOP_COPY;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.fermata.chaos.CrashPoint.Moment;
import io.fermata.device.DeviceState;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.HopReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The orchestrator dies at every phase, before and after every kind of request: the set ends up
 * running on exactly one host, and the journal says which.
 *
 * <p>One set moves back and forth between two agents that stay alive. Each orchestrator first ends
 * what the one before it left behind, then begins the next move and dies in it.
 */
class OrchestratorKilledTest {
  /** With a successor that comes in time even on a busy machine, the way may lead forward. */
  private static final Terms PATIENT = new Terms(30_000, 30_000);

  /** The usual ones. */
  private static final Terms USUAL = new Terms(3_000, 5_000);

  /** A tick of the agent's loop, and a machine that is busy with other things. */
  private static final long LATE_MILLIS = 2_000;

  @TempDir static Path folder;
  private static AgentPair agents;
  private @Nullable Orchestrator orchestrator;
  private int started;

  private record Terms(long leaseMillis, long deadlineMillis) {}

  /** What goes wrong besides, so that the way leads back. */
  private enum Trouble {
    NONE,
    /** One device refuses to freeze. */
    AT_FREEZE,
    /** No device of the destination leaves STOP until the start is given up. */
    AT_START
  }

  private record Case(boolean live, Trouble trouble, CrashPoint point) {
    static Case direct(Moment moment, String request) {
      return new Case(false, Trouble.NONE, new CrashPoint(moment, request));
    }

    static Case live(Moment moment, String request) {
      return new Case(true, Trouble.NONE, new CrashPoint(moment, request));
    }

    @Override
    public String toString() {
      return point + (live ? " live" : "") + (trouble == Trouble.NONE ? "" : " " + trouble);
    }
  }

  @BeforeAll
  static void startTheAgents() {
    agents = new AgentPair(folder);
  }

  @AfterAll
  static void endTheAgents() {
    agents.close();
  }

  @AfterEach
  void endTheLast() {
    if (orchestrator != null) {
      orchestrator.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> restartedAtOnceEveryMigrationEndsProvenOnOneSide() {
    List<Case> cases = new ArrayList<>();
    cases.add(Case.direct(SUBMITTED, ""));
    for (String request :
        List.of(
            "ClaimSource",
            "ClaimDestination",
            "Quiesce",
            "Freeze",
            "Copy",
            "Load",
            "Seal",
            "Start",
            "Release")) {
      cases.add(Case.direct(BEFORE, request));
      cases.add(Case.direct(ANSWERED, request));
    }
    for (String request : List.of("Quiesce", "Copy", "Start")) {
      cases.add(Case.direct(SENT, request));
    }
    cases.add(Case.live(BEFORE, "PreCopy"));
    cases.add(Case.live(ANSWERED, "PreCopy"));
    for (String request : List.of("Quiesce", "Freeze", "Copy", "Seal", "Start")) {
      cases.add(Case.live(ANSWERED, request));
    }
    for (String request : List.of("Return", "VoidCopy", "Close")) {
      cases.add(new Case(false, Trouble.AT_FREEZE, new CrashPoint(BEFORE, request)));
      cases.add(new Case(true, Trouble.AT_FREEZE, new CrashPoint(ANSWERED, request)));
    }
    cases.add(new Case(false, Trouble.AT_START, new CrashPoint(BEFORE, "Unseal")));
    cases.add(new Case(false, Trouble.AT_START, new CrashPoint(ANSWERED, "Unseal")));
    return cases.stream().map(each -> dynamicTest(each.toString(), () -> restarted(each)));
  }

  private void restarted(Case each) throws Exception {
    Route route = died(each, PATIENT);
    String ended = ended(route, PATIENT);
    System.out.printf("killed %-28s %-11s -> %s%n", each, route, ended);
  }

  @TestFactory
  Stream<DynamicTest> leftAloneInTheBarrierTheSetRunsAgainWithinItsLease() {
    return Stream.of(
            Case.direct(ANSWERED, "Quiesce"),
            Case.direct(ANSWERED, "Freeze"),
            Case.direct(ANSWERED, "Copy"),
            Case.live(SENT, "Quiesce"),
            Case.live(ANSWERED, "Freeze"),
            Case.live(BEFORE, "Seal"))
        .map(each -> dynamicTest(each.toString(), () -> walkedBack(each)));
  }

  private void walkedBack(Case each) throws Exception {
    Route route = died(each, USUAL);
    long lease = USUAL.leaseMillis();
    var died = agents.hosts.status(route.from());
    String migration = died.claims().getFirst().migration().value();
    await()
        .atMost(Duration.ofMillis(lease + 20_000))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> agents.hosts.runs(route.from()));
    ClaimReport report = agents.hosts.claim(route.from(), migration);
    long back =
        report.hops().stream()
            .filter(hop -> isBack(hop))
            .mapToLong(HopReport::startNanos)
            .min()
            .orElseThrow();
    long backMillis = (back - died.clockNanos()) / 1_000_000;
    long ranMillis = (report.hops().getLast().endNanos() - died.clockNanos()) / 1_000_000;
    assertTrue(backMillis <= lease + LATE_MILLIS, () -> "turned after " + backMillis + " ms");
    assertEquals(route.from(), agents.hosts.owner());
    System.out.printf(
        "alone  %-28s %-11s -> turned back %d ms and ran %d ms after the kill, lease %d ms%n",
        each, route, backMillis, ranMillis, lease);
    String ended = ended(route, USUAL);
    assertTrue(ended.startsWith("ROLLED_BACK"), ended);
    System.out.printf("       and a later orchestrator -> %s%n", ended);
  }

  private static boolean isBack(HopReport hop) {
    Set<DeviceState> forward = Set.of(STOP, STOP_COPY, PRE_COPY_P2P, DeviceState.PRE_COPY);
    boolean toQuiesced = hop.requested().to() == RUNNING_P2P;
    boolean on =
        forward.contains(hop.requested().to())
            || (toQuiesced && hop.requested().from() == DeviceState.RUNNING);
    return !on || hop.requested().from() == STOP_COPY;
  }

  @TestFactory
  Stream<DynamicTest> leftAloneAfterTheSealTheAgentsSettleByReceipts() {
    return Stream.of(
            Case.direct(ANSWERED, "Seal"),
            Case.live(BEFORE, "Start"),
            Case.direct(SENT, "Start"),
            Case.direct(BEFORE, "Release"))
        .map(each -> dynamicTest(each.toString(), () -> settledAlone(each)));
  }

  private void settledAlone(Case each) throws Exception {
    Route route = died(each, USUAL);
    agents.hosts.awaitAtRest(route.to());
    System.out.printf("alone  %-28s %-11s -> runs on %s%n", each, route, route.to());
    String ended = ended(route, USUAL);
    assertTrue(ended.startsWith("SUCCEEDED"), ended);
    System.out.printf("       and a later orchestrator -> %s%n", ended);
  }

  /** A move that its orchestrator does not live to finish. */
  private Route died(Case each, Terms terms) throws Exception {
    if (orchestrator == null || !orchestrator.lives()) {
      orchestrator = start(terms);
    }
    String from = agents.hosts.owner();
    Route route = new Route(from, agents.hosts.other(from), each.live());
    inject(each, route);
    orchestrator.dieMoving(route, each.point());
    return route;
  }

  private static void inject(Case each, Route route) {
    switch (each.trouble()) {
      case NONE -> {}
      case AT_FREEZE ->
          agents.hosts.inject(
              route.from(),
              each.live()
                  ? Hosts.Fault.refused("gpu3", PRE_COPY_P2P, STOP_COPY)
                  : Hosts.Fault.refused("gpu3", RUNNING_P2P, STOP));
      case AT_START -> {
        for (var device : agents.hosts.status(route.to()).devices()) {
          var refused = Hosts.Fault.refused(device.name().value(), STOP, RUNNING_P2P);
          for (int attempt = 0; attempt < AgentPair.START_ATTEMPTS; attempt++) {
            agents.hosts.inject(route.to(), refused);
          }
        }
      }
    }
  }

  /** What the next orchestrator makes of it, and that it is true. */
  private String ended(Route route, Terms terms) throws IOException {
    orchestrator = start(terms);
    Orchestrator.Ending ending = orchestrator.settle();
    String runsOn = ending.outcome().equals("SUCCEEDED") ? route.to() : route.from();
    agents.hosts.awaitAtRest(runsOn);
    return ending.outcome() + ", runs on " + runsOn + " (" + ending.why() + ")";
  }

  private Orchestrator start(Terms terms) throws IOException {
    List<String> settings = new ArrayList<>(agents.hosts.inventory());
    settings.add("--server.port=0");
    settings.add("--fermata.journal.directory=" + folder.resolve("journal"));
    settings.add("--fermata.migration.lease=" + terms.leaseMillis() + "ms");
    settings.add("--fermata.migration.silence=" + (terms.leaseMillis() + 10_000) + "ms");
    for (String phase : List.of("quiescing", "freezing", "sealing", "resuming")) {
      String deadline = "--fermata.migration.deadlines." + phase + "=";
      settings.add(deadline + terms.deadlineMillis() + "ms");
    }
    return Orchestrator.start(folder.resolve("orchestrator-" + started++), settings);
  }
}

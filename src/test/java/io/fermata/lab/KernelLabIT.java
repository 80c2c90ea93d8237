package io.fermata.lab;

import static io.fermata.device.DeviceState.STOP_COPY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.HostName;
import io.fermata.handover.ImageDigest;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.HopReport;
import io.fermata.migration.Failure;
import io.fermata.migration.Gate;
import io.fermata.migration.Live;
import io.fermata.migration.Migration;
import io.fermata.migration.Outcome;
import io.fermata.migration.Phase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Real VFIO devices of two machines, moved by the packaged jar. One story in chapters: each begins
 * where the one before left the set.
 *
 * <p>How the images are known to be equal. Each device holds a byte of its own, so no two images
 * are alike. Each move also shifts the set by one place, so every destination device held another
 * image before. The source's digest is made of what its driver gave, the destination's of what its
 * driver was given; that the device then <em>runs</em> that image is shown by the next move, which
 * reads it out again: the digests must be those of the move before. In the end a probe that shares
 * no code with the project reads the byte from each register.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KernelLabIT {
  private static final String[] TO_LOAD = {
    "RUNNING→RUNNING_P2P", "RUNNING_P2P→STOP", "STOP→RESUMING"
  };
  private static final String[] WALK_BACK = {
    "STOP_COPY→STOP", "STOP→RUNNING_P2P", "RUNNING_P2P→RUNNING"
  };
  private static final int IMAGE_BYTES = 60;

  private final List<HopReport> hops = new ArrayList<>();
  private final Lab.Stopwatch watch = new Lab.Stopwatch();
  private final Map<String, String> onBeta = new TreeMap<>();
  private final Map<String, String> onAlpha = new TreeMap<>();
  private Lab lab;

  @BeforeAll
  void start() {
    assumeFalse("off".equals(System.getProperty("fermata.lab")), "-Dfermata.lab=off");
    LabKernel.ready();
    lab = new Lab(Path.of(System.getProperty("fermata.jar")));
    watch.lap("the lab is up");
  }

  @AfterAll
  void stop() {
    if (lab != null) {
      lab.close();
      System.out.println(
          "lab: hops of the kernel's mtty devices. Its driver has nothing to do in a hop and the\n"
              + "machines are emulated: these are times of the call and the agent, of no device.\n"
              + HopLog.table(hops));
      watch.lap("the lab is down");
    }
  }

  @Test
  @Order(1)
  void onePostMovesAllEightWithoutPreCopy() {
    MigrationId id = lab.orchestrator.post(order(lab.alpha, lab.beta, shifted(), false));
    Live ended = kept(lab.orchestrator.ended(id));
    succeeded(ended);
    HopLog source = HopLog.of(ended.source());
    source.everyOneTook(
        sources(ended),
        "RUNNING→RUNNING_P2P",
        "RUNNING_P2P→STOP",
        "STOP→STOP_COPY",
        "STOP_COPY→STOP");
    source.wholeSetTook("RUNNING→RUNNING_P2P", "RUNNING_P2P→STOP");
    source.wholeSetTook("RUNNING_P2P→STOP", "STOP→STOP_COPY");
    startedBehindItsGates(ended);
    Map<String, String> images = images(ended);
    assertEquals(Lab.SET, Set.copyOf(images.values()).size(), () -> "alike: " + images);
    onBeta.putAll(images);
    watch.lap("eight devices moved without pre-copy: " + blackout(ended));
  }

  @Test
  @Order(2)
  void allEightMoveBackWithPreCopyAndBringWhatWasLoaded() {
    Live ended = move(lab.beta, lab.alpha, shifted(), true);
    succeeded(ended);
    HopLog source = HopLog.of(ended.source());
    source.everyOneTook(
        sources(ended),
        "RUNNING→PRE_COPY",
        "PRE_COPY→PRE_COPY_P2P",
        "PRE_COPY_P2P→STOP_COPY",
        "STOP_COPY→STOP");
    source.wholeSetTook("PRE_COPY→PRE_COPY_P2P", "PRE_COPY_P2P→STOP_COPY");
    startedBehindItsGates(ended);
    onAlpha.putAll(images(ended));
    assertEquals(onwards(onBeta), onAlpha, "what was read from beta is what was written to it");
    watch.lap("eight devices moved back with pre-copy: " + blackout(ended));
  }

  @Test
  @Order(3)
  void anImageOfAnotherShapeIsRefusedAndTheWholeSetWalksBack() {
    Map<String, String> pairs = shifted();
    pairs.put("mtty7", Lab.TWO_PORT);
    Live ended = move(lab.alpha, lab.beta, pairs, false);
    walkedBack(ended);
    refusedAtWrite(ended, Lab.TWO_PORT);
    watch.lap("an image for one port refused by a device with two: " + failure(ended).detail());
  }

  @Test
  @Order(4)
  void aShortImageIsRefusedByTheDriverAtResumingToStop() {
    Live ended = move(Lab.SHORT);
    walkedBack(ended);
    assertEquals(Failure.Code.LOAD_FAILED, failure(ended).code(), () -> "" + failure(ended));
    assertEquals("mtty0", failure(ended).device());
    HopReport refused = HopLog.of(ended.destination()).failuresOf("mtty0").getFirst();
    assertEquals("RESUMING→STOP", refused.requested().toString());
    assertEquals(HopReport.Outcome.REFUSED, refused.outcome());
    assertEquals(DeviceState.RESUMING, refused.observed());
    assertEquals("EINVAL(22)", refused.error());
    watch.lap("a short image refused: " + failure(ended).detail());
  }

  @Test
  @Order(5)
  void anImageWithASpoiltHeaderIsRefusedAtItsWriteAndNeverLoaded() {
    Live ended = move(Lab.SPOILT);
    walkedBack(ended);
    refusedAtWrite(ended, "mtty0");
    watch.lap("a spoilt image refused: " + failure(ended).detail());
  }

  @Test
  @Order(6)
  void anAbortAfterTheFreezeWalksBackThroughTheReverseBarrier() {
    MigrationId id = lab.orchestrator.submit(order(Lab.SLOW));
    awaitCopying(id, Lab.SLOW.pairs().keySet());
    lab.orchestrator.abort(id);
    Live ended = kept(lab.orchestrator.ended(id));
    walkedBack(ended);
    assertEquals(Failure.Code.ABORTED, failure(ended).code(), () -> "" + failure(ended));
    HopLog.of(ended.source())
        .everyOneTook(
            sources(ended),
            "RUNNING→RUNNING_P2P",
            "RUNNING_P2P→STOP",
            "STOP→STOP_COPY",
            "STOP_COPY→STOP",
            "STOP→RUNNING_P2P",
            "RUNNING_P2P→RUNNING");
    watch.lap("aborted after the freeze, walked back");
  }

  @Test
  @Order(7)
  void aSourceAgentKilledBeforeTheSealWalksItsSetBackWhenItIsStartedAgain() {
    MigrationId id = lab.orchestrator.submit(order(Lab.SLOW));
    Set<String> set = Lab.SLOW.pairs().keySet();
    awaitCopying(id, set);
    String before = lab.alpha.agentState();
    lab.alpha.tell("kill-agent");
    assertEquals("ended 137", lab.alpha.agentState());
    allAt(lab.alpha, set, STOP_COPY); // nobody moved them: the kernel keeps the state
    lab.alpha.tell("start-agent");
    assertFalse(lab.alpha.agentState().equals(before), before);
    Live ended = kept(lab.orchestrator.ended(id));
    walkedBack(ended);
    HopLog.of(ended.source()).everyOneTook(set, WALK_BACK);
    watch.lap("agent killed while it copied, started again: " + failure(ended).detail());
  }

  @Test
  @Order(8)
  void afterAllThatTheSetMovesOnceMoreAndEveryRegisterHoldsItsByte() {
    Live ended = move(lab.alpha, lab.beta, shifted(), false);
    succeeded(ended);
    assertEquals(onwards(onAlpha), images(ended), "five walks back have left the set as it was");
    watch.lap("eight devices moved once more: " + blackout(ended));
    lab.alpha.tell("stop-agent");
    lab.beta.tell("stop-agent");
    Map<String, Integer> given = Lab.stamps(Lab.ON_ALPHA);
    Map<String, Integer> alpha = lab.alpha.stamps();
    Map<String, Integer> beta = lab.beta.stamps();
    for (int i = 0; i < Lab.SET; i++) {
      String there = "mtty" + (i + 3) % Lab.SET; // moved three times, one place each
      assertEquals(given.get("mtty" + i), beta.get(there), there + " of " + beta);
    }
    for (int i = Lab.SET; i < Lab.ON_ALPHA; i++) {
      String stayed = "mtty" + i;
      assertEquals(given.get(stayed), alpha.get(stayed), stayed + " of " + alpha);
    }
    watch.lap("registers read by the probe: " + beta);
  }

  private Live move(LabHost from, LabHost to, Map<String, String> pairs, boolean preCopy) {
    return kept(lab.orchestrator.move(order(from, to, pairs, preCopy)));
  }

  private Live kept(Live ended) {
    hops.addAll(ended.source().hops());
    hops.addAll(ended.destination().hops());
    return ended;
  }

  private Live move(Lab.Guest guest) {
    return kept(lab.orchestrator.move(order(guest)));
  }

  /** Eight devices, each to the next place. */
  private static Map<String, String> shifted() {
    Map<String, String> pairs = new TreeMap<>();
    for (int i = 0; i < Lab.SET; i++) {
      pairs.put("mtty" + i, "mtty" + (i + 1) % Lab.SET);
    }
    return pairs;
  }

  private static io.fermata.migration.Order order(
      LabHost from, LabHost to, Map<String, String> pairs, boolean preCopy) {
    return order(Lab.VM, from, to, pairs, preCopy);
  }

  private io.fermata.migration.Order order(Lab.Guest guest) {
    return order(guest.vm(), lab.alpha, lab.beta, guest.pairs(), false);
  }

  static io.fermata.migration.Order order(
      String vm, LabHost from, LabHost to, Map<String, String> pairs, boolean preCopy) {
    return new io.fermata.migration.Order(
        vm,
        new HostName(from.plan().name()),
        new HostName(to.plan().name()),
        pairs.entrySet().stream()
            .map(e ->
                new io.fermata.migration.Order.Pair(
                    new DeviceName(e.getKey()), new DeviceName(e.getValue())))
            .toList(),
        new io.fermata.migration.Order.PreCopyTerms(preCopy, 30, 1 << 20),
        0,
        io.fermata.migration.Order.OnBudgetExceeded.ABORT,
        null,
        "user");
  }

  private static Set<String> sources(Live live) {
    return names(live.migration().order().devices().stream().map(p -> p.source()));
  }

  private static Set<String> destinations(Live live) {
    return names(live.migration().order().devices().stream().map(p -> p.destination()));
  }

  private static Set<String> names(Stream<DeviceName> devices) {
    return Set.copyOf(devices.map(DeviceName::value).toList());
  }

  private void succeeded(Live ended) {
    Migration m = ended.migration();
    assertEquals(Outcome.SUCCEEDED, m.outcome(), () -> m.failure() + ", " + ended);
    assertEquals(
        EnumSet.allOf(Gate.Name.class),
        EnumSet.copyOf(m.gates().stream().map(Gate::name).toList()));
    assertEquals(
        Objects.requireNonNull(m.evidence().ready()).images(),
        Objects.requireNonNull(m.evidence().seal()).images(),
        "what arrived is what was sent");
    boolean toBeta = m.order().destination().value().equals("beta");
    allAt(toBeta ? lab.beta : lab.alpha, destinations(ended), DeviceState.RUNNING);
  }

  private static void startedBehindItsGates(Live ended) {
    HopLog destination = HopLog.of(ended.destination());
    String[] arcs =
        Stream.concat(
                Stream.of(TO_LOAD),
                Stream.of("RESUMING→STOP", "STOP→RUNNING_P2P", "RUNNING_P2P→RUNNING"))
            .toArray(String[]::new);
    destination.everyOneTook(destinations(ended), arcs);
    destination.wholeSetTook("RESUMING→STOP", "STOP→RUNNING_P2P");
    destination.wholeSetTook("STOP→RUNNING_P2P", "RUNNING_P2P→RUNNING");
  }

  /** Digests by the destination's device, as the source's seal names them. */
  private static Map<String, String> images(Live ended) {
    Map<String, String> digests = new TreeMap<>();
    for (ImageDigest image : Objects.requireNonNull(ended.migration().evidence().seal()).images()) {
      assertEquals(IMAGE_BYTES, image.bytes(), () -> "" + image);
      digests.put(image.device().value(), image.sha256());
    }
    return digests;
  }

  /** Where the images of these devices are after one more move. */
  private static Map<String, String> onwards(Map<String, String> images) {
    Map<String, String> next = new TreeMap<>();
    Map<String, String> pairs = shifted();
    images.forEach((device, digest) -> next.put(pairs.get(device), digest));
    return next;
  }

  private void walkedBack(Live ended) {
    Migration m = ended.migration();
    assertEquals(Outcome.ROLLED_BACK, m.outcome(), () -> "" + ended);
    HopLog source = HopLog.of(ended.source());
    source.everyOneEndedWith(sources(ended), WALK_BACK);
    source.wholeSetTook("STOP→RUNNING_P2P", "RUNNING_P2P→RUNNING");
    allAt(lab.alpha, sources(ended), DeviceState.RUNNING);
    lab.orchestrator.awaitAtRest(); // the destination has reset its devices and let them go
    allAt(lab.beta, destinations(ended), DeviceState.RUNNING);
  }

  private static void refusedAtWrite(Live ended, String device) {
    assertTrue(failure(ended).detail().contains("EFAULT(14)"), () -> "" + failure(ended));
    HopLog destination = HopLog.of(ended.destination());
    assertEquals("STOP→RESUMING", destination.of(device).getLast(), destination::toString);
    assertEquals(List.of(), destination.failuresOf(device));
  }

  private static Failure failure(Live ended) {
    return Objects.requireNonNull(ended.migration().failure());
  }

  /**
   * Until the whole set is frozen and read. The kernel is asked, since in the dark the orchestrator
   * waits for its answers and asks nobody how things stand. The slow device still holds its image
   * back, so there is time for what comes next.
   */
  private void awaitCopying(MigrationId id, Collection<String> set) {
    lab.orchestrator.await(id, live -> live.migration().phase() == Phase.COPYING);
    Awaitility.await("all in STOP_COPY")
        .atMost(Duration.ofSeconds(20))
        .until(() -> set.stream().map(lab.alpha.witnessed()::get).allMatch(STOP_COPY::equals));
  }

  private static void allAt(LabHost host, Collection<String> devices, DeviceState state) {
    Map<String, DeviceState> states = host.witnessed();
    devices.forEach(d -> assertEquals(state, states.get(d), host.plan().name() + " " + states));
  }

  private static String blackout(Live ended) {
    var blackout = Objects.requireNonNull(ended.migration().blackout());
    return "blackout %.1f ms".formatted(blackout.totalNanos() / 1e6);
  }
}

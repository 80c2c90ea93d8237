package io.fermata.agent.device.emulated;

import static io.fermata.device.DeviceState.RESUMING;
import static io.fermata.device.DeviceState.RUNNING;
import static io.fermata.device.DeviceState.RUNNING_P2P;
import static io.fermata.device.DeviceState.STOP;
import static io.fermata.device.DeviceState.STOP_COPY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.device.Errno;
import io.fermata.agent.device.emulated.DeviceEvent.Kind;
import io.fermata.device.DeviceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the model sees and tells without being asked. */
class WitnessTest {
  private static final DeviceName A = new DeviceName("a");
  private static final DeviceName B = new DeviceName("b");

  private final EmulatedHost host =
      Rig.host(new VirtualPace(), nvme("a").holding("vm"), nvme("b").holding("vm"));

  private static DeviceSettings nvme(String name) {
    return DeviceSettings.blank(name, EmulatedProfile.NVME);
  }

  @Test
  void everyRunningDeviceSendsToEveryOtherAndIsChangedByIt() {
    long before = host.tally().delivered();
    long counter = host.device(A).contents().counter();
    host.tick();
    assertEquals(before + 2, host.tally().delivered());
    assertTrue(host.device(A).contents().counter() > counter);
  }

  /** Bytes that were under way when a reset came must not make the blank device a guest's again. */
  @Test
  void whatAResetHasEndedNamesNobody() {
    EventLog log = new EventLog("host", 10, null);
    PeerGroup group = new PeerGroup(new VirtualPace(), log);
    var memory = new DeviceMemory(new Shape("m", 64, 64), 0, new SplittableRandom(1));
    Peer peer = new Peer(A, memory);
    group.join(peer);
    Identity guest = new Identity("vm", "a");
    group.expect(peer, guest, () -> true);
    assertEquals("vm", peer.guest());
    group.reset(peer);
    group.expect(peer, guest, () -> false);
    assertEquals("", peer.guest());
  }

  @Test
  void aQuiescedDeviceTakesDmaAndSendsNone() {
    host.device(A).move(RUNNING_P2P);
    long before = host.tally().delivered();
    host.tick();
    assertEquals(new Tally(before + 1, 0, 0), host.tally());
  }

  @Test
  void aLossIsToldOnceWithItsSenderAndCountedAtEveryTick() {
    host.device(A).move(STOP);
    long lost = host.tally().lostDma();
    host.tick();
    assertEquals(lost + 1, host.tally().lostDma());
    List<DeviceEvent> told = host.events().stream().filter(e -> e.kind() == Kind.LOST_DMA).toList();
    assertEquals(1, told.size());
    assertEquals(A, told.getFirst().device());
    assertEquals(B, told.getFirst().peer());
  }

  @Test
  void aFreezeThatFailsBeforeItBeginsLosesNothingAndOneThatHasBegunDoes() {
    Rig.move(host.device(A), RUNNING_P2P);
    host.inject(A, Fault.refused(RUNNING_P2P, STOP, Errno.EBUSY));
    Rig.refused(Errno.EBUSY, () -> host.device(A).move(STOP));
    assertEquals(0, host.tally().lostDma());
    host.device(A).move(STOP);
    assertTrue(host.tally().lostDma() > 0);
  }

  @Test
  void blankDevicesSendNothingAndMissNothing() {
    EmulatedHost blank = Rig.host(new VirtualPace(), nvme("a"), nvme("b"));
    blank.device(A).move(STOP);
    blank.tick();
    assertEquals(new Tally(0, 0, 0), blank.tally());
  }

  @Test
  void aDeviceWhoseImageIsComingInIsMissedByAPeerThatRunsTooEarly() {
    Rig.move(host.device(A), STOP_COPY);
    Rig.move(host.device(B), STOP_COPY);
    EmulatedHost destination = Rig.host(new VirtualPace(), nvme("a"), nvme("b"));
    for (DeviceName name : List.of(A, B)) {
      destination.device(name).move(RESUMING);
      Rig.feed(destination.device(name), Rig.drain(host.device(name), 4096), 4096);
    }
    Rig.move(destination.device(A), STOP, RUNNING_P2P);
    assertEquals(0, destination.tally().lostDma());
    destination.device(A).move(RUNNING);
    assertTrue(destination.tally().lostDma() > 0, "B has not even loaded");
  }

  @Test
  void aDoorbellOnAFrozenDeviceIsAChangeThatNoImageHolds() {
    host.device(A).move(RUNNING_P2P);
    host.device(B).move(RUNNING_P2P);
    host.doorbell(A);
    assertEquals(0, host.tally().changedAfterFreeze());
    host.device(A).move(STOP);
    host.doorbell(A);
    assertEquals(1, host.tally().changedAfterFreeze());
    assertEquals(0, host.tally().lostDma());
    host.doorbell(B);
    assertEquals(1, host.tally().lostDma(), "a quiesced device issues DMA if it is touched");
  }

  @Test
  void groupsDoNotMeet() {
    DeviceSettings other =
        new DeviceSettings("b", EmulatedProfile.NVME, "vm2", "vm2", null, null, List.of());
    EmulatedHost two = Rig.host(new VirtualPace(), nvme("a").holding("vm"), other);
    two.device(A).move(STOP);
    two.tick();
    assertEquals(new Tally(0, 0, 0), two.tally());
  }

  @Test
  void theEventFileHoldsEveryLineForAJudge(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("events.jsonl");
    HostSettings settings =
        HostSettings.of("h1", List.of(nvme("a").holding("vm"), nvme("b").holding("vm")))
            .ticking(Duration.ZERO)
            .loggingTo(file);
    try (var logged = new EmulatedHost(settings, new VirtualPace(), SplittableRandom::new)) {
      logged.device(A).move(STOP);
      List<String> lines = Files.readAllLines(file);
      assertEquals(logged.events().size(), lines.size());
      JsonNode last = JsonMapper.shared().readTree(lines.get(lines.size() - 1));
      assertEquals("h1", last.get("host").asString());
      assertEquals("a", last.get("device").asString());
      assertEquals("vm", last.get("guest").asString());
      assertTrue(lines.stream().anyMatch(line -> line.contains("\"kind\":\"LOST_DMA\"")));
      assertTrue(lines.stream().anyMatch(line -> line.contains("\"peer\":\"b\"")));
    }
  }

  @Test
  void theMemoryOfEventsIsBounded() {
    HostSettings settings =
        new HostSettings("h", List.of(nvme("a")), Duration.ZERO, 1, 1, 5, null, null);
    EmulatedHost small = new EmulatedHost(settings, new VirtualPace(), SplittableRandom::new);
    for (int i = 0; i < 10; i++) {
      Rig.move(small.device(A), RUNNING_P2P, RUNNING);
    }
    assertEquals(5, small.events().size());
    assertEquals(RUNNING, small.events().getLast().to());
  }
}

package io.fermata.agent.stream;

import static io.fermata.agent.stream.DataPlaneTest.image;
import static io.fermata.agent.stream.TwoHosts.MIGRATION;
import static io.fermata.agent.stream.TwoHosts.STOP;
import static io.fermata.agent.stream.TwoHosts.await;
import static io.fermata.agent.stream.TwoHosts.heard;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.stream.TwoHosts.Details;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.Event;
import io.fermata.handover.HostName;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.Frame.Refused;
import io.fermata.wire.frame.FrameDecoder;
import io.fermata.wire.frame.FrameEncoder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Images that do not arrive: both sides say why, and nothing is left behind. */
class BrokenStreamTest {
  private final FakeDevice from = FakeDevice.giving("gpu0", DeviceState.STOP_COPY, image(8 << 20));
  private final FakeDevice to = FakeDevice.taking("gpu7");
  private final TwoHosts hosts = new TwoHosts(from, to);

  @AfterEach
  void nothingIsLeftBehind() {
    to.hang.countDown();
    from.hang.countDown();
    hosts.close();
    await().until(() -> hosts.source.buffersTaken() + hosts.destination.buffersTaken() == 0);
  }

  private void start(String address) {
    hosts.expect();
    hosts.open(address);
    hosts.finish();
  }

  @Test
  void aByteSpoiledOnTheWayIsCaughtBeforeItReachesTheDevice() throws IOException {
    try (Relay relay = new Relay(hosts.destination.address())) {
      relay.flipAt = 5_000_000;
      start(relay.address());
      Details why = hosts.broken();
      assertTrue(why.destination().contains("CRC"), why.destination());
      assertTrue(why.source().contains(relay.address()), why.source());
      assertTrue(to.written.size() < 5_000_000);
    }
  }

  @Test
  void aConnectionCutInTheMiddleBreaksBothSides() throws IOException {
    try (Relay relay = new Relay(hosts.destination.address())) {
      relay.cutAt = 5_000_000;
      start(relay.address());
      Details why = hosts.broken();
      assertTrue(why.source().startsWith("gpu0 to gpu7 at " + relay.address()), why.source());
      assertTrue(why.destination().startsWith("gpu7 from /127.0.0.1:"), why.destination());
    }
  }

  @Test
  void aNetworkThatSwallowsEverythingBreaksBothSidesWithinTheIdleLimit() throws IOException {
    try (Relay relay = new Relay(hosts.destination.address())) {
      relay.stallAt = 1_000_000;
      start(relay.address());
      Details why = hosts.broken();
      assertTrue(why.destination().contains("took and gave nothing for 1"), why.destination());
    }
  }

  @Test
  void aDeviceThatHangsInAWriteBreaksTheSourceWithinTheIdleLimit() {
    to.hang = new CountDownLatch(1);
    start(hosts.address());
    String why = await(hosts.atSource, Event.Broke.class, 1).getFirst().detail();
    assertTrue(why.contains("took and gave nothing for 1"), why);
  }

  @Test
  void aDeviceThatTakesNoMoreIsNamedWithItsErrnoOnBothSides() {
    to.failWriteAt = 1_000_000;
    start(hosts.address());
    Details why = hosts.broken();
    assertTrue(why.destination().contains("ENOMEM(12)"), why.destination());
    assertTrue(why.source().contains("refused: WRITE: gpu7: writing: ENOMEM(12)"), why.source());
  }

  @Test
  void aDeviceThatGivesNoMoreIsNamedWithItsErrnoOnBothSides() {
    from.failReadAt = 1_000_000;
    start(hosts.address());
    Details why = hosts.broken();
    assertTrue(why.source().contains("gpu0: reading: EIO(5)"), why.source());
    assertTrue(why.destination().contains("gave up: gpu0: reading: EIO(5)"), why.destination());
  }

  @Test
  void anotherTokenIsRefusedAndCountedAndTheClaimIsNotTroubled() {
    hosts.expect();
    ClaimSpec right = hosts.specOfSource(hosts.address());
    ClaimSpec wrong =
        new ClaimSpec(
            right.vm(),
            right.devices(),
            right.self(),
            right.peer(),
            right.peerUrl(),
            right.peerData(),
            "other",
            right.leaseMillis());
    hosts.source.open(MIGRATION, wrong, from.name(), true);
    assertRefused(Refused.Code.TOKEN);
    hosts.source.open(MIGRATION, right, from.name(), true); // the device's one stream is still free
    hosts.finish();
    await(hosts.atDestination, Event.Arrived.class, 1);
  }

  @Test
  void aMigrationThatNobodyExpectsIsRefusedAfterTheGrace() {
    hosts.open(hosts.address());
    assertRefused(Refused.Code.MIGRATION);
  }

  @Test
  void aSecondStreamOfOneDeviceIsRefusedAndTheFirstGoesOn() throws IOException {
    from.state = DeviceState.PRE_COPY;
    from.precopyBytes = 10;
    hosts.expect();
    hosts.open(hosts.address());
    await().until(() -> to.written.size() == 10);
    assertEquals(Refused.Code.TAKEN, refusal("host-b", "gpu7", "mlx5/m"));
    assertEquals(1, hosts.destination.refused(Refused.Code.TAKEN));
    from.state = DeviceState.STOP_COPY;
    hosts.finish();
    await(hosts.atDestination, Event.Arrived.class, 1);
  }

  @Test
  void otherHostsDevicesDriversAndVersionsAreRefused() throws IOException {
    hosts.expect();
    assertEquals(Refused.Code.HOST, refusal("host-c", "gpu7", "mlx5/m"));
    assertEquals(Refused.Code.DEVICE, refusal("host-b", "gpu8", "mlx5/m"));
    assertEquals(Refused.Code.PROFILE, refusal("host-b", "gpu7", "qat/m"));
    Frame.Versions later = new Frame.Versions(3, 4);
    assertEquals(Refused.Code.VERSION, refusal(later, "host-b", "gpu7", "mlx5/m"));
    assertEquals(List.of(), List.copyOf(hosts.atDestination));
  }

  @Test
  void whoDoesNotSayWhoItIsIsShownTheDoor() throws IOException {
    try (Socket silent = socket();
        Socket browser = socket()) {
      browser.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertEquals(Refused.Code.FRAME, ((Refused) answer(browser)).code());
      assertEquals(-1, silent.getInputStream().read()); // after the grace
    }
  }

  @Test
  void aSourceDroppedInTheMiddleSaysNothingMoreAndTheDestinationBreaks() {
    to.hang = new CountDownLatch(1);
    start(hosts.address());
    await().until(() -> to.inside.get() == 1);
    hosts.source.drop(MIGRATION);
    int before = hosts.atSource.size();
    to.hang.countDown();
    await(hosts.atDestination, Event.Broke.class, 1);
    assertEquals(before, hosts.atSource.size());
  }

  @Test
  void aDestinationDroppedInTheMiddleSaysNothingMoreAndTheSourceBreaks() {
    to.hang = new CountDownLatch(1);
    start(hosts.address());
    await().until(() -> to.inside.get() == 1);
    hosts.destination.drop(MIGRATION);
    int written = to.written.size();
    int before = hosts.atDestination.size();
    await(hosts.atSource, Event.Broke.class, 1);
    to.hang.countDown();
    await().until(() -> hosts.destination.buffersTaken() == 0);
    assertEquals(before, hosts.atDestination.size());
    // the call that could not be interrupted, and none after it
    assertTrue(to.written.size() - written <= TwoHosts.SETTINGS.frameBytes());
  }

  @Test
  void aDestinationThatDiesBreaksTheSource() {
    to.hang = new CountDownLatch(1);
    start(hosts.address());
    await().until(() -> to.inside.get() == 1);
    hosts.destination.close();
    Event.Broke broke = await(hosts.atSource, Event.Broke.class, 1).getFirst();
    assertTrue(broke.detail().contains(hosts.address()), broke.detail());
  }

  @Test
  void nobodyAtTheAddressBreaksTheSource() {
    hosts.destination.close();
    start(hosts.address());
    Event.Broke broke = await(hosts.atSource, Event.Broke.class, 1).getFirst();
    assertTrue(broke.detail().endsWith("Connection refused"), broke.detail());
  }

  @Test
  void anAddressThatIsNoneBreaksTheSource() {
    start("host-b");
    Event.Broke broke = await(hosts.atSource, Event.Broke.class, 1).getFirst();
    assertTrue(broke.detail().endsWith("host-b is not host:port"), broke.detail());
  }

  @Test
  void aDeviceThatIsNotHereBreaksAtOnce() {
    hosts.source.open(
        MIGRATION, hosts.specOfSource(hosts.address()), new DeviceName("nvme9"), true);
    hosts.source.finish(MIGRATION, new DeviceName("nvme9"), STOP);
    assertEquals(2, heard(hosts.atSource, Event.Broke.class).size());
  }

  private void assertRefused(Refused.Code code) {
    Event.Broke broke = await(hosts.atSource, Event.Broke.class, 1).getFirst();
    assertTrue(broke.detail().contains("refused: " + code), broke.detail());
    assertEquals(1, hosts.destination.refused(code));
    assertEquals(List.of(), List.copyOf(hosts.atDestination));
    hosts.atSource.clear();
  }

  private Socket socket() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), hosts.destination.address().getPort());
  }

  private Refused.Code refusal(String host, String device, String profile) throws IOException {
    return refusal(Frame.Versions.OURS, host, device, profile);
  }

  private Refused.Code refusal(Frame.Versions versions, String host, String device, String profile)
      throws IOException {
    Frame.Hello hello =
        new Frame.Hello(
            versions, MIGRATION, "token", new HostName(host), new DeviceName(device), profile);
    try (Socket socket = socket()) {
      var bytes = FrameEncoder.encode(hello);
      while (bytes.hasRemaining()) {
        socket.getOutputStream().write(bytes.get());
      }
      return ((Refused) answer(socket)).code();
    }
  }

  private static Frame answer(Socket socket) throws IOException {
    FrameDecoder decoder = FrameDecoder.ofControl();
    while (true) {
      Frame frame = decoder.next();
      if (frame != null) {
        return frame;
      }
      int next = socket.getInputStream().read();
      assertTrue(next >= 0, "closed without an answer");
      decoder.space().put((byte) next);
    }
  }
}

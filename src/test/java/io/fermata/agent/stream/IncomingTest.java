package io.fermata.agent.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.stream.Expectations.Admission;
import io.fermata.device.DeviceName;
import io.fermata.handover.HostName;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.Frame.Refused;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may go on with an image, at the moments that no test meets by running. */
class IncomingTest {
  private static final StreamSettings SETTINGS =
      TwoHosts.SETTINGS.with(StreamSettings.Resuming.USUAL);
  private static final Frame.End END = new Frame.End(TwoHosts.STOP, 7, "0a".repeat(32));

  private final Watch watch = new Watch(System::nanoTime, 100);
  private final Means means =
      new Means(
          SETTINGS,
          System::nanoTime,
          new BufferPool(1, 1, 1),
          watch,
          new Crew(),
          new Pace(Pace.UNLIMITED, System::nanoTime),
          null,
          Packs.have(0, 1, Packs.Tally.NONE),
          new AtomicLong());
  private final List<Link> links = new ArrayList<>();
  private final Incoming image = new Incoming(2, "t", Set.of(), link());

  @AfterEach
  void closeAll() {
    links.forEach(Link::close);
  }

  @Test
  void aLaterConnectionGoesOnAndTheEarlierIsNoMore() {
    assertTrue(image.isAt(0));
    assertEquals(Optional.empty(), image.admit(resume("t", 3), link()));
    assertFalse(image.isAt(0));
    assertTrue(image.isAt(3));
    assertTrue(image.awaitLaterThan(0, 600_000), "it has come already");
  }

  @Test
  void nobodyGoesOnWithWhatIsOver() {
    image.over();
    assertRefused(1);
  }

  @Test
  void nobodyGoesOnAfterTheDropAlsoWithAnImageThatWasWhole() {
    image.whole(END);
    assertEquals(Optional.empty(), image.admit(resume("t", 1), link()), "to ask whether it was");
    image.drop();
    assertRefused(2);
    image.whole(END);
    assertRefused(3);
    assertFalse(image.isAt(1));
  }

  @Test
  void nobodyGoesOnOnceItWasSaidThatNobodyCame() {
    assertFalse(image.awaitLaterThan(0, 1));
    assertRefused(1);
  }

  @Test
  void nobodyIsMissedOnceTheImageIsWhole() {
    image.whole(END);
    assertTrue(image.awaitLaterThan(0, 600_000));
  }

  /** The greeting had found its claim before the claim was dropped. */
  @Test
  void aGreetingThatTheDropOvertookIsRefused() {
    FakeDevice device = FakeDevice.taking("gpu7");
    var pair = new ClaimSpec.DevicePair(new DeviceName("gpu0"), device.name());
    var spec =
        new ClaimSpec(
            "vm",
            List.of(pair),
            new HostName("host-b"),
            new HostName("host-a"),
            "http://x",
            "127.0.0.1:1",
            "token",
            1_000);
    var claim = new Expectation(means, TwoHosts.MIGRATION, spec, new Voice(event -> {}));
    var lane = new Lane(device, ByteBuffer.allocate(0));
    var taken =
        assertInstanceOf(Admission.Taken.class, claim.admit(resume("", 0).hello(), lane, link()));
    String ticket = taken.image().welcome(1).ticket();
    claim.drop();
    var late = claim.resume(resume(ticket, 1), lane, link());
    assertEquals(
        Refused.Code.MIGRATION, assertInstanceOf(Admission.Turned.class, late).refused().code());
    assertFalse(taken.image().isAt(0));
  }

  private void assertRefused(int attempt) {
    assertEquals(
        Refused.Code.RESUME, image.admit(resume("t", attempt), link()).orElseThrow().code());
  }

  private Link link() {
    try {
      Link link = new Link(SocketChannel.open(), means, 1_000);
      links.add(link);
      return link;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Frame.Resume resume(String ticket, int attempt) {
    var hello =
        new Frame.Hello(
            Frame.Versions.OURS,
            TwoHosts.MIGRATION,
            "token",
            new HostName("host-b"),
            new DeviceName("gpu7"),
            "mlx5/m");
    return new Frame.Resume(hello, ticket, attempt);
  }
}

package io.fermata.agent.stream;

import static io.fermata.agent.stream.DataPlaneTest.image;
import static io.fermata.agent.stream.DataPlaneTest.sha256;
import static io.fermata.agent.stream.TwoHosts.SETTINGS;
import static io.fermata.agent.stream.TwoHosts.await;
import static io.fermata.agent.stream.TwoHosts.heard;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.stream.StreamSettings.Resuming;
import io.fermata.agent.stream.TwoHosts.Limits;
import io.fermata.agent.stream.TwoHosts.Lines;
import io.fermata.agent.stream.pack.Libraries;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.Event;
import io.fermata.handover.ImageDigest;
import io.fermata.wire.frame.Packing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Images that are packed on their way arrive as they were, in fewer bytes where that can be. */
class PackedStreamTest {
  static final StreamSettings PATIENT = SETTINGS.with(new Resuming(20_000, 20_000, 4, 8));
  private static final int SEEDS = 30;
  private static final int IMAGE_BYTES = 1_500_000;

  /** What was sent packed, as it was and as it went out. */
  private final AtomicLong raw = new AtomicLong();

  private final AtomicLong wire = new AtomicLong();

  static Compression packing(Packing packing) {
    return new Compression(
        Map.of("mlx5/m", new Compression.Choice(packing, Compression.LEVEL_USUAL)));
  }

  /** Every other 64 bytes are zeros. */
  static byte[] halfNoise(int bytes) {
    byte[] image = image(bytes);
    for (int i = 0; i < bytes; i += 128) {
      Arrays.fill(image, i, Math.min(i + 64, bytes), (byte) 0);
    }
    return image;
  }

  private DataPlane.Line line(Pace pace, Libraries libraries) {
    Packs.Tally tally =
        (packing, rawBytes, wireBytes) -> {
          raw.addAndGet(rawBytes);
          wire.addAndGet(wireBytes);
        };
    int most = SETTINGS.frameBytes();
    var packs = Packs.have(libraries, 1, most, ByteBuffer::allocateDirect, tally);
    return new DataPlane.Line(pace, null, packs);
  }

  private DataPlane.Line line() {
    return line(new Pace(Pace.UNLIMITED, System::nanoTime), Libraries.load());
  }

  private interface Damage {
    void to(Relay relay);
  }

  /** How much went over the source's first connection, and how many there were. */
  private record Moved(long asked, int connections) {}

  private static Moved move(byte[] image, Packing packing, Lines lines, Damage damage)
      throws IOException {
    FakeDevice from = FakeDevice.giving("gpu0", DeviceState.PRE_COPY, image);
    FakeDevice to = FakeDevice.taking("gpu7");
    from.precopyBytes = image.length / 2;
    var limits = new Limits(PATIENT.with(packing(packing)), PATIENT);
    try (TwoHosts hosts = new TwoHosts(List.of(from), List.of(to), lines, limits);
        Relay relay = new Relay(hosts.destination.address())) {
      damage.to(relay);
      hosts.expect();
      hosts.open(relay.address());
      await().until(() -> to.written.size() >= from.precopyBytes);
      from.state = DeviceState.STOP_COPY;
      hosts.finish();
      Event.Sent sent = await(hosts.atSource, Event.Sent.class, 1).getFirst();
      Event.Arrived arrived = await(hosts.atDestination, Event.Arrived.class, 1).getFirst();
      var digest = new ImageDigest(new DeviceName("gpu7"), image.length, sha256(image));
      assertEquals(digest, sent.image());
      assertEquals(digest, arrived.image());
      assertArrayEquals(image, to.written.toByteArray());
      await().until(() -> hosts.source.buffersTaken() + hosts.destination.buffersTaken() == 0);
      assertEquals(List.of(), heard(hosts.atSource, Event.Broke.class));
      return new Moved(relay.asked.get(), relay.connections.get());
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatCanBePackedTakesFewerBytes(Packing packing) throws IOException {
    Moved moved = move(halfNoise(IMAGE_BYTES), packing, new Lines(line(), line()), relay -> {});
    assertTrue(moved.asked() < IMAGE_BYTES * 6 / 10, moved::toString);
    assertEquals(IMAGE_BYTES, raw.get());
    assertTrue(wire.get() < IMAGE_BYTES * 6 / 10, wire::toString);
  }

  @ParameterizedTest
  @EnumSource
  void whatCannotBePackedTakesNoMore(Packing packing) throws IOException {
    Moved moved = move(image(IMAGE_BYTES), packing, new Lines(line(), line()), relay -> {});
    assertTrue(moved.asked() > IMAGE_BYTES, moved::toString);
    assertEquals(IMAGE_BYTES, raw.get());
    assertEquals(IMAGE_BYTES, wire.get());
  }

  @ParameterizedTest
  @EnumSource
  void bothMayStandInOneImage(Packing packing) throws IOException {
    byte[] image = halfNoise(IMAGE_BYTES);
    byte[] noise = image(IMAGE_BYTES / 2);
    System.arraycopy(noise, 0, image, IMAGE_BYTES / 4, noise.length);
    move(image, packing, new Lines(line(), line()), relay -> {});
    assertEquals(IMAGE_BYTES, raw.get());
    assertTrue(wire.get() > IMAGE_BYTES * 6 / 10 && wire.get() < IMAGE_BYTES * 9 / 10);
  }

  /** What a broken connection swallowed is sent again as it stands. */
  @ParameterizedTest
  @EnumSource
  void whereverConnectionsBreakTheImageArrivesOnceAndWhole(Packing packing) throws IOException {
    byte[] image = halfNoise(700_000);
    int connections = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      int cuts = 1 + random.nextInt(3);
      int at = 400 + random.nextInt(image.length / 2); // past the greeting
      Damage damage =
          relay -> {
            relay.cuts.set(cuts);
            relay.cutAt = at;
          };
      connections += move(image, packing, new Lines(line(), line()), damage).connections();
    }
    assertTrue(connections > SEEDS * 3 / 2, connections + " connections: too few have broken");
    assertEquals(SEEDS * 700_000L, raw.get(), "a piece was packed twice");
  }

  @Test
  void aDestinationWithoutTheLibraryGetsTheImageAsItIs() throws IOException {
    var none = line(new Pace(Pace.UNLIMITED, System::nanoTime), new Libraries(Set.of(), "none"));
    byte[] image = halfNoise(IMAGE_BYTES);
    Moved moved = move(image, Packing.LZ4, new Lines(line(), none), relay -> {});
    assertTrue(moved.asked() > IMAGE_BYTES, moved::toString);
    assertEquals(0, raw.get());
  }

  /** Of a clock that stands still 5 ms are there to be used, 40 KiB of these zeros' 1.5 MB. */
  @Test
  void aLimitIsForWhatGoesOut() throws IOException {
    Pace pace = new Pace(Pace.BYTES_PER_SECOND_MIN, () -> 0);
    var limited = line(pace, Libraries.load());
    Moved moved = move(new byte[IMAGE_BYTES], Packing.LZ4, new Lines(limited, line()), relay -> {});
    assertTrue(moved.asked() < 40_000, moved::toString);
  }
}

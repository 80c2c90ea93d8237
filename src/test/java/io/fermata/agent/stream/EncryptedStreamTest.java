package io.fermata.agent.stream;

import static io.fermata.agent.stream.TwoHosts.await;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.stream.TwoHosts.Doors;
import io.fermata.agent.stream.tls.TlsDoor;
import io.fermata.agent.stream.tls.TlsFiles;
import io.fermata.device.DeviceState;
import io.fermata.handover.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that arrive encrypted, and those that must not leave. */
class EncryptedStreamTest {
  @TempDir static Path folder;

  private static TlsDoor source;
  private static TlsDoor destination;
  private static TlsDoor stranger;
  private static TlsDoor other;

  @BeforeAll
  static void certificates() {
    var made = new Certificates(folder);
    source = new TlsDoor(made.files("host-a", "host-b", "host-c"));
    destination = new TlsDoor(made.files("host-b", "host-a", "host-c"));
    other = new TlsDoor(made.files("host-c", "host-a", "host-b"));
    stranger = new TlsDoor(made.files("host-x", "host-a", "host-b"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 96, 65_537, 24 << 20})
  void anImageArrivesWhole(int bytes) {
    byte[] image = image(bytes);
    FakeDevice to = FakeDevice.taking("gpu0");
    try (TwoHosts hosts = hosts(image, to, new Doors(source, destination))) {
      await(hosts.atSource, Event.Sent.class, 1);
      await(hosts.atDestination, Event.Arrived.class, 1);
      assertArrayEquals(image, to.written.toByteArray());
      await().until(() -> hosts.source.buffersTaken() + hosts.destination.buffersTaken() == 0);
    }
  }

  @Test
  void aDestinationWithTheCertificateOfAnotherHostGetsNothing() {
    FakeDevice to = FakeDevice.taking("gpu0");
    try (TwoHosts hosts = hosts(image(1000), to, new Doors(source, other))) {
      String told = await(hosts.atSource, Event.Broke.class, 1).getFirst().detail();
      assertTrue(told.contains("the certificate there is that of host-c, not of host-b"), told);
      assertEquals(0, to.written.size());
    }
  }

  @Test
  void aSourceWithTheCertificateOfAnotherHostIsRefused() {
    FakeDevice to = FakeDevice.taking("gpu0");
    try (TwoHosts hosts = hosts(image(1000), to, new Doors(other, destination))) {
      String told = await(hosts.atSource, Event.Broke.class, 1).getFirst().detail();
      assertTrue(told.contains("the certificate is of host-c, not host-a"), told);
      assertEquals(0, to.written.size());
    }
  }

  @Test
  void aSourceThatNoAuthorityKnowsIsRefused() {
    FakeDevice to = FakeDevice.taking("gpu0");
    try (TwoHosts hosts = hosts(image(1000), to, new Doors(stranger, destination))) {
      await(hosts.atSource, Event.Broke.class, 1);
      assertEquals(0, to.written.size());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPlainEndAndAnEncryptedOneDoNotMeet(boolean sourceIsPlain) {
    FakeDevice to = FakeDevice.taking("gpu0");
    Doors doors = sourceIsPlain ? new Doors(null, destination) : new Doors(source, null);
    try (TwoHosts hosts = hosts(image(1000), to, doors)) {
      await(hosts.atSource, Event.Broke.class, 1);
      assertEquals(0, to.written.size());
    }
  }

  @Test
  void newFilesCountForNewConnections(@TempDir Path own) throws IOException {
    var made = new Certificates(own);
    TlsDoor home = new TlsDoor(made.files("host-a", "host-b", "host-c"));
    made.files("host-c", "host-a", "host-b");
    TlsDoor far = new TlsDoor(made.files("host-b", "host-a"));
    try (TwoHosts hosts = hosts(image(10), FakeDevice.taking("gpu0"), new Doors(home, far))) {
      await(hosts.atDestination, Event.Arrived.class, 1);
    }
    made.replace("host-b", "host-c");
    await().until(() -> refusal(new Doors(home, far)).contains("that of host-c"));
    Files.writeString(own.resolve("host-b.key"), "half of a");
    await().until(() -> refusal(new Doors(home, far)).contains("that of host-c"));
  }

  /** A slow machine reads new files for longer than a connection here has. */
  private static String refusal(Doors doors) {
    try (TwoHosts hosts = hosts(image(10), FakeDevice.taking("gpu0"), doors)) {
      return await(hosts.atSource, Event.Broke.class, 1).getFirst().detail();
    }
  }

  @Test
  void filesThatCannotBeUsedAreAnErrorAtTheStart() {
    Path none = folder.resolve("none.pem");
    var files = new TlsFiles("fermata", none, none, none);
    var thrown = assertThrows(IllegalArgumentException.class, () -> new TlsDoor(files));
    assertTrue(String.valueOf(thrown.getMessage()).contains("none.pem"), thrown.toString());
  }

  private static TwoHosts hosts(byte[] image, FakeDevice to, Doors doors) {
    FakeDevice from = FakeDevice.giving("gpu0", DeviceState.STOP_COPY, image);
    TwoHosts hosts = new TwoHosts(List.of(from), List.of(to), doors);
    hosts.expect();
    hosts.open(hosts.address());
    hosts.finish();
    return hosts;
  }

  private static byte[] image(int bytes) {
    byte[] image = new byte[bytes];
    new Random(bytes).nextBytes(image);
    return image;
  }
}

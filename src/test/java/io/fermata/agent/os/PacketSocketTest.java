package io.fermata.agent.os;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.device.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both ends of a real socket in one process. */
class PacketSocketTest {
  private static final long SELF = ProcessHandle.current().pid();
  private static final byte[] WORDS = "words".getBytes(US_ASCII);

  @TempDir Path folder;
  private PacketListener listener;
  private PacketSocket near;
  private PacketSocket far;

  @BeforeEach
  void connect() throws IOException {
    Path path = folder.resolve("hold.sock");
    Files.createFile(path); // what a killed agent left
    listener = PacketListener.open(path, new PacketListener.Access("rw-rw----", null, null));
    near = PacketSocket.connect(path.toString());
    far = listener.accept().orElseThrow();
  }

  @AfterEach
  void close() {
    near.close();
    far.close();
    listener.close();
  }

  @Test
  void theFileHasItsModeFromTheMomentThatItIsThere() throws IOException {
    var mode = Files.getPosixFilePermissions(folder.resolve("hold.sock"));
    assertEquals("rw-rw----", PosixFilePermissions.toString(mode));
    assertFalse(Files.exists(folder.resolve("hold.sock.new")));
  }

  @Test
  void aPacketKeepsItsLengthAndBringsTheSameOpenFiles() {
    int zero = (int) Calls.pidfdOpen((int) SELF); // any open file that nobody else has
    near.send(WORDS, zero, 2);
    near.send("x".getBytes(US_ASCII));
    Packet first = far.receive(100, 2).orElseThrow();
    assertArrayEquals(WORDS, first.bytes());
    assertTrue(first.whole());
    assertEquals(2, first.descriptors().length);
    assertTrue(SameFile.is(SELF, zero, SELF, first.descriptors()[0]));
    assertTrue(SameFile.is(SELF, 2, SELF, first.descriptors()[1]));
    assertFalse(SameFile.is(SELF, zero, SELF, first.descriptors()[1]));
    assertEquals(1, far.receive(100, 2).orElseThrow().bytes().length);
    first.closeAll();
    Calls.close(zero);
  }

  @Test
  void moreDescriptorsThanThereIsRoomForAreToldAndNoneIsLost() throws IOException {
    int own = (int) Calls.pidfdOpen((int) SELF);
    long before = pidfds();
    near.send(WORDS, own, own, own, own, own, own);
    Packet packet = far.receive(100, 2).orElseThrow();
    assertFalse(packet.whole());
    packet.closeAll();
    assertEquals(before, pidfds());
    Calls.close(own);
  }

  @Test
  void aPacketThatIsTooLongIsTold() {
    near.send(new byte[101]);
    assertFalse(far.receive(100, 2).orElseThrow().whole());
  }

  @Test
  void theKernelSaysWhoIsThere() throws IOException {
    int uid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    int gid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:gid");
    assertEquals(new PacketSocket.Peer((int) SELF, uid, gid), far.peer());
  }

  @Test
  void aPeerThatSaysNothingIsNotWaitedForForEver() {
    far.patience(Duration.ofMillis(20));
    OsFault fault = assertThrows(OsFault.class, () -> far.receive(100, 2));
    assertEquals(new Errno(11), fault.errno());
  }

  @Test
  void theEndOfTheOtherSideIsNoPacket() {
    near.close();
    assertEquals(Optional.empty(), far.receive(100, 2));
    near = PacketSocket.connect(folder.resolve("hold.sock").toString());
  }

  @Test
  void whoeverWaitsForAConnectionIsWoken() {
    var waiting = CompletableFuture.supplyAsync(listener::accept);
    listener.wake();
    assertEquals(Optional.empty(), waiting.orTimeout(10, TimeUnit.SECONDS).join());
  }

  @Test
  void aPathThatLinuxHasNoRoomForIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> PacketSocket.connect("/" + "x".repeat(108)));
  }

  @Test
  void aProcessThatHasEndedIsNoProcess() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    OsFault fault =
        assertThrows(OsFault.class, () -> ForeignProcess.open((int) process.pid()).close());
    assertEquals(Errno.ESRCH, fault.errno());
  }

  private static long pidfds() throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files.filter(PacketSocketTest::isPidfd).count();
    }
  }

  private static boolean isPidfd(Path file) {
    try {
      return Files.readSymbolicLink(file).toString().contains("[pidfd]");
    } catch (IOException closed) {
      return false;
    }
  }
}

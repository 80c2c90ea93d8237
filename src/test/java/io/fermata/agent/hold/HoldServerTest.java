package io.fermata.agent.hold;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.device.kernel.KernelDeviceSettings.Way;
import io.fermata.agent.device.kernel.KernelHost;
import io.fermata.agent.device.kernel.PaperHost;
import io.fermata.agent.os.OsFault;
import io.fermata.agent.os.Packet;
import io.fermata.agent.os.PacketSocket;
import io.fermata.agent.os.SameFile;
import io.fermata.device.DeviceName;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A VMM at the real socket, with real open files; only the ioctls are on paper. */
class HoldServerTest {
  private static final long SELF = ProcessHandle.current().pid();
  private static final DeviceName GPU = new DeviceName("gpu0");

  @TempDir Path folder;
  private KernelHost host;
  private HoldServer server;
  private RandomAccessFile device;
  private PacketSocket vmm;

  @BeforeEach
  void start() throws IOException {
    host = new PaperHost(folder).open(Way.RECEIVE);
    server = HoldServer.open(settings(2), new HoldServer.Doorkeeper(0, Map.of()), held(), "host-a");
    vmm = connect();
    device = new RandomAccessFile("/dev/full", "rw");
  }

  @AfterEach
  void end() throws IOException {
    vmm.close();
    device.close();
    server.close();
    host.close();
  }

  @Test
  void aVmmSendsADeviceAndAnotherIsGivenTheVerySame() throws IOException {
    int number = numberOf("/dev/full");
    assertEquals("ok full", ask("take full", number));
    assertEquals(1, host.devices().size());
    device.close(); // the VMM has ended; the agent's is still there
    try (PacketSocket other = connect()) {
      other.send(packet("give full"));
      Packet given = other.receive(512, 2).orElseThrow();
      assertArrayEquals(packet("ok full"), given.bytes());
      host.lend(
          PaperHost.FULL,
          (ours, iommu) -> assertTrue(SameFile.is(SELF, ours, SELF, given.descriptors()[0])));
      given.closeAll();
    }
    assertEquals("ok full", ask("release full"));
    assertEquals("refused NOT_HELD host-a full: no descriptor here", ask("give full"));
  }

  @Test
  void whatIsNotTheDeviceIsRefusedByName() throws IOException {
    long before = openDevices();
    String answer = ask("take zero", numberOf("/dev/full"));
    assertTrue(answer.startsWith("refused OTHER_DEVICE host-a zero: "), answer);
    answer = ask("take gpu0", numberOf("/dev/full"));
    assertEquals("refused UNKNOWN_DEVICE host-a gpu0: the settings name no such device", answer);
    assertEquals(before, openDevices(), "what was sent is closed");
  }

  @Test
  void whatCannotBeReadIsRefusedAndNothingIsLeftOpen() throws IOException {
    long before = openDevices();
    int number = numberOf("/dev/full");
    for (String words :
        List.of("take", "take full", "take full 1", "steal full", "give full\n", "adopt full -1")) {
      int[] sent = words.equals("take full") ? new int[0] : new int[] {number};
      assertTrue(ask(words, sent).startsWith("refused MALFORMED host-a: "), words);
    }
    vmm.send("fermata-hold 2 take full".getBytes(US_ASCII), number);
    assertTrue(answer().startsWith("refused VERSION "));
    assertTrue(ask("take full", number, number, number, number, number).contains("TOO_LARGE"));
    vmm.send(new byte[600], number);
    assertTrue(answer().startsWith("refused TOO_LARGE "));
    assertEquals(List.of(), host.devices());
    assertEquals(before, openDevices());
    assertEquals("ok full", ask("take full", number), "the connection is as good as new");
  }

  @Test
  void moreConnectionsThanTheSettingsAllowAreTurnedAway() {
    try (PacketSocket second = connect();
        PacketSocket third = connect()) {
      ask("give full");
      second.send(packet("give full"));
      second.receive(512, 2);
      String said = new String(third.receive(512, 2).orElseThrow().bytes(), US_ASCII);
      assertTrue(said.contains("refused BUSY host-a"), said);
    }
    assertTrue(ask("give full").contains("NOT_HELD"), "who was in is still in");
  }

  @Test
  void whoSaysNothingIsSentAway() {
    assertEquals(Optional.empty(), vmm.receive(512, 2));
  }

  @Test
  void aClosedSocketLetsNobodyIn() {
    server.close();
    assertThrows(OsFault.class, this::connect);
  }

  @Test
  void onlyThoseWhomTheSettingsNameMayAsk() {
    var keeper = new HoldServer.Doorkeeper(990, Map.of(GPU, 1001));
    HoldSettings settings = settings(2);
    assertTrue(keeper.admits(peer(0, 0), settings));
    assertTrue(keeper.admits(peer(990, 1), settings));
    assertTrue(keeper.admits(peer(1001, 1), settings));
    assertTrue(keeper.admits(peer(5, 2002), settings));
    assertFalse(keeper.admits(peer(5, 1), settings));
    assertTrue(keeper.admits(peer(1001, 1), GPU));
    assertTrue(keeper.admits(peer(0, 0), GPU));
    assertFalse(keeper.admits(peer(1002, 1), GPU), "another machine's user");
    assertTrue(keeper.admits(peer(1002, 1), PaperHost.FULL));
  }

  @Test
  void settingsThatCannotBeAreNamed() {
    assertEquals(List.of(), settings(2).problems());
    var wrong =
        new HoldSettings(
            Path.of("hold.sock"),
            "0660",
            null,
            null,
            List.of(-1),
            List.of(),
            0,
            Duration.ZERO,
            Duration.ofSeconds(1));
    assertEquals(5, wrong.problems().size(), wrong.problems()::toString);
  }

  private static PacketSocket.Peer peer(int uid, int gid) {
    return new PacketSocket.Peer(4711, uid, gid);
  }

  private HoldSettings settings(int connections) {
    return new HoldSettings(
        folder.resolve("hold.sock"),
        "rw-------",
        null,
        null,
        List.of(1001, 1002),
        List.of(2002),
        connections,
        Duration.ofMillis(1500),
        Duration.ofSeconds(1));
  }

  private PacketSocket connect() {
    PacketSocket socket = PacketSocket.connect(folder.resolve("hold.sock").toString());
    socket.patience(Duration.ofSeconds(20));
    return socket;
  }

  private String ask(String words, int... descriptors) {
    vmm.send(packet(words), descriptors);
    return answer();
  }

  private String answer() {
    Packet packet = vmm.receive(512, 2).orElseThrow();
    String words = new String(packet.bytes(), US_ASCII);
    assertTrue(words.startsWith("fermata-hold 1 "), words);
    return words.substring("fermata-hold 1 ".length());
  }

  private static byte[] packet(String words) {
    return ("fermata-hold 1 " + words).getBytes(US_ASCII);
  }

  /** The number of this process's only open file of that path. */
  private static int numberOf(String path) throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files
          .filter(file -> path.equals(target(file)))
          .mapToInt(file -> Integer.parseInt(file.getFileName().toString()))
          .findFirst()
          .orElseThrow();
    }
  }

  private static @Nullable String target(Path file) {
    try {
      return Files.readSymbolicLink(file).toString();
    } catch (IOException closed) {
      return null;
    }
  }

  private static long openDevices() throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files.filter(file -> "/dev/full".equals(target(file))).count();
    }
  }

  private Holder held() {
    return new Holder() {
      @Override
      public void take(DeviceName name, int descriptor, @Nullable Integer iommu) {
        host.take(name, descriptor, iommu);
      }

      @Override
      public void lend(DeviceName name, KernelHost.Borrower borrower) {
        host.lend(name, borrower);
      }

      @Override
      public void adopt(DeviceName name, int pid) {
        host.adopt(name, pid);
      }

      @Override
      public void hold(DeviceName name) {
        host.hold(name);
      }

      @Override
      public void release(DeviceName name) {
        host.release(name);
      }
    };
  }
}

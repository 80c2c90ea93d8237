package io.fermata.agent.device.kernel;

import static io.fermata.agent.device.kernel.PaperHost.FULL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.kernel.KernelDeviceSettings.Way;
import io.fermata.agent.os.DescriptorStore;
import io.fermata.agent.os.SameFile;
import io.fermata.agent.os.Supervisor;
import io.fermata.device.DeviceState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that holds a device is killed with SIGKILL and started again, under what does for it
 * what systemd does. The process is real, and so are its open files and the protocol.
 */
class KeptWhileAwayTest {
  private static final long SELF = ProcessHandle.current().pid();
  private static final long WATCHDOG_MICROS = 400_000;

  @TempDir Path folder;
  private PaperHost paper;
  private DescriptorStore store;

  @BeforeEach
  void start() throws IOException {
    paper = new PaperHost(folder);
    store = new DescriptorStore(folder, 8);
  }

  @AfterEach
  void end() {
    store.close();
    paper.end();
  }

  @Test
  void afterAKillTheVeryOpenFileIsThereAgainThoughNobodyElseHadIt() throws Exception {
    Process vmm = paper.vmm("/dev/full");
    service("adopt " + vmm.pid(), "move STOP_COPY");
    store.await("READY=1", 1);
    assertEquals(List.of("device.full"), store.names());
    vmm.destroyForcibly().waitFor();
    store.kill();

    service("print");
    store.await("READY=1", 1);
    assertTrue(said("held full STOP_COPY"), () -> said());
    assertTrue(SameFile.is(SELF, store.descriptor("device.full"), store.pid(), number()));
    assertEquals(List.of("device.full"), store.names(), "kept once, also when it is sent again");
  }

  @Test
  void killedInAnyStateOfAHandOverItFindsThatState() throws Exception {
    Process vmm = paper.vmm("/dev/full");
    service("adopt " + vmm.pid());
    for (DeviceState state :
        List.of(DeviceState.RUNNING_P2P, DeviceState.STOP, DeviceState.RESUMING)) {
      store.await("READY=1", 1);
      store.kill();
      service("move " + state, "print");
      store.await("READY=1", 1);
      store.kill();
      service("print");
      store.await("READY=1", 1);
      assertTrue(said("held full " + state), () -> said());
    }
  }

  @Test
  void whatIsLetGoOfIsNotKeptEither() throws Exception {
    Process vmm = paper.vmm("/dev/full");
    service("adopt " + vmm.pid(), "release");
    store.await("READY=1", 1);
    store.await("FDSTOREREMOVE=1", 1);
    assertEquals(List.of(), store.names());
    store.kill();
    service("print");
    store.await("READY=1", 1);
    assertTrue(said("missing full"), () -> said());
  }

  @Test
  void theWatchdogIsFedAtHalfItsTime() throws Exception {
    service("print");
    store.await("WATCHDOG=1", 3);
  }

  /** The service: does what it is told, says that it is ready, and feeds the watchdog. */
  static final class Service {
    private Service() {}

    public static void main(String[] arguments) throws Exception {
      Supervisor supervisor = new Supervisor(System.getenv(), ProcessHandle.current().pid());
      KernelHost host = new PaperHost(Path.of(arguments[0])).open(Way.RECEIVE, supervisor);
      for (String deed : List.of(arguments).subList(1, arguments.length)) {
        String[] words = deed.split(" ");
        switch (words[0]) {
          case "adopt" -> host.adopt(FULL, Integer.parseInt(words[1]));
          case "move" -> host.all().getFirst().move(DeviceState.valueOf(words[1]));
          case "release" -> host.release(FULL);
          default -> print(host);
        }
      }
      supervisor.ready("does what it was told");
      while (true) {
        Thread.sleep(supervisor.watchdog().orElseThrow().dividedBy(2));
        supervisor.alive();
      }
    }

    private static void print(KernelHost host) {
      for (DeviceControl device : host.devices()) {
        System.out.println("held " + device.name() + " " + device.state());
        host.lend(FULL, (number, iommu) -> System.out.println("number " + number));
      }
      host.unavailable().forEach(each -> System.out.println("missing " + each.name()));
    }
  }

  private void service(String... deeds) throws IOException {
    Files.deleteIfExists(store.output());
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Service.class.getName(), folder.toString()));
    command.addAll(List.of(deeds));
    store.start(command, WATCHDOG_MICROS);
  }

  private boolean said(String line) {
    return said().lines().anyMatch(line::equals);
  }

  private String said() {
    try {
      return Files.readString(store.output());
    } catch (IOException e) {
      return e.toString();
    }
  }

  private int number() {
    return said()
        .lines()
        .filter(line -> line.startsWith("number "))
        .mapToInt(line -> Integer.parseInt(line.substring(7)))
        .findFirst()
        .orElseThrow();
  }
}

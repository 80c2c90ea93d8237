package io.fermata.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.fermata.device.DeviceState;
import io.fermata.lab.Page.Block;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The page for hypervisors, typed as it stands from top to bottom: two emulated hosts with real
 * devices and a systemd of their own, and an orchestrator outside.
 *
 * <p>A block that fails fails the page. What each has to show besides is asked here, in the block
 * after it or at the end.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OnAHypervisorIT {
  static final Path PAGE = Path.of("src/docs/on-a-hypervisor.md");

  private final Lab.Stopwatch watch = new Lab.Stopwatch();
  private final StringBuilder transcript = new StringBuilder();
  private HypervisorLab lab;

  @BeforeAll
  void start() {
    assumeFalse("off".equals(System.getProperty("fermata.lab")), "-Dfermata.lab=off");
    LabKernel.ready();
    lab = new HypervisorLab(Path.of(System.getProperty("fermata.jar")));
    watch.lap("two hosts with systemd are up");
  }

  @AfterAll
  void stop() throws IOException {
    if (lab != null) {
      Files.writeString(lab.folder().resolve("transcript.txt"), transcript);
      lab.close();
      watch.lap("the lab is down");
    }
  }

  @Test
  @Order(1)
  void thePageIsFollowedFromTopToBottom() {
    StringBuilder shown = new StringBuilder();
    for (Block block : Page.of(PAGE).blocks()) {
      shown.append(typed(block)).append('\n'); // not everything that is shown ends its line
      watch.lap("the block in " + block);
    }
    String all = shown.toString();
    assertEquals(1, all.lines().filter("SUCCEEDED"::equals).count(), transcript::toString);
    // Both hosts before, and the destination's devices again after the agent was killed.
    assertEquals(
        6, all.lines().filter(l -> l.contains("held by this agent")).count(), transcript::toString);
    killedAndStartedAgain(all);
    whereTheSetIs();
  }

  /** Where the page has left off: the source's devices are free, and its agent runs. */
  @Test
  @Order(2)
  void devicesOfGroupsAreReceivedAndOnAKernelThatDoesNotSayWhichNeverAdopted() {
    String vmm = "python3 " + Script.LAB + "/group-vmm.py /run/fermata/hold.sock ";
    String said =
        lab.source()
            .type(
                vmm
                    + """
                    take:dev0:$DEV0 keep:dev1:$DEV1 >/run/vmm.log 2>&1 &
                    echo $! >/run/vmm.pid
                    timeout 60 sh -c 'until grep -q ^holding /run/vmm.log; do sleep 0.2; done' || :
                    cat /run/vmm.log
                    curl -s -X POST http://127.0.0.1:8090/agent/v1/devices/dev1/hold
                    curl -s http://127.0.0.1:8090/agent/v1/status
                    """);
    assertTrue(said.contains("anon_inode:[vfio-device]"), said);
    assertTrue(said.contains("fermata-hold 1 ok dev0"), said);
    assertTrue(said.contains("has devices of a group open and this kernel does not say"), said);
    assertTrue(said.contains("\"name\":\"dev0\""), said);
    watch.lap("a device of a group is received, another is not adopted");
  }

  /** By the socket's mode, and then by SO_PEERCRED. */
  @Test
  @Order(3)
  void whoMayNotAskIsNotAnswered() {
    String ask =
        """
        ask='import socket
        s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        s.connect("/run/fermata/hold.sock")
        s.send(b"fermata-hold 1 give dev0")
        print(s.recv(512))'
        setpriv --reuid=nobody --regid=nogroup --clear-groups python3 -c "$ask" 2>&1 || :
        setpriv --reuid=nobody --regid=fermata --clear-groups python3 -c "$ask" 2>&1 || :
        python3 -c "$ask"
        """;
    List<String> said = lab.source().type(ask).lines().toList();
    assertTrue(said.contains("PermissionError: [Errno 13] Permission denied"), said::toString);
    assertEquals(1, said.stream().filter(l -> l.contains("NOT_ALLOWED")).count(), said::toString);
    assertTrue(said.getLast().contains("fermata-hold 1 ok dev0"), said::toString);
    watch.lap("the socket answers those who may ask");
  }

  private String typed(Block block) {
    String shown;
    try {
      shown = type(block);
    } catch (AssertionError | CompletionException failed) {
      throw new AssertionError(block + ": " + failed.getMessage() + "\n" + howHostsStand(), failed);
    }
    transcript.append("# ").append(block).append('\n').append(block.commands()).append("---\n");
    transcript.append(shown).append('\n');
    return shown;
  }

  private String type(Block block) {
    return switch (block.where()) {
      case HOST -> both(block);
      case SOURCE -> lab.source().type(block.commands());
      case DESTINATION -> lab.destination().type(block.commands());
      case ORCHESTRATOR -> lab.shell().type(block.commands());
    };
  }

  private String howHostsStand() {
    String look =
        """
        cat /run/vmm.log || :
        systemctl status --no-pager --lines=0 fermata-agent || :
        curl -s http://127.0.0.1:8090/agent/v1/status || :
        """;
    return "source:\n"
        + lab.source().type(look)
        + "\ndestination:\n"
        + lab.destination().type(look);
  }

  /** On both at once, as two people would. */
  private String both(Block block) {
    CompletableFuture<String> there = Lab.later(() -> lab.destination().type(block.commands()));
    return lab.source().type(block.commands()) + there.join();
  }

  /** The store held what the agent held before it was killed, and holds it after. */
  private void killedAndStartedAgain(String all) {
    List<String> stored =
        all.lines().filter(line -> line.startsWith("NFileDescriptorStore=")).toList();
    assertEquals(2, stored.size(), transcript::toString);
    assertEquals(stored.getFirst(), stored.getLast(), transcript::toString);
    assertTrue(!stored.getFirst().endsWith("=0"), transcript::toString);
    List<String> processes = all.lines().filter(line -> line.startsWith("MainPID=")).toList();
    assertTrue(!processes.getFirst().equals(processes.getLast()), transcript::toString);
  }

  /** By the kernel's word its devices run at the destination, each with its machine's byte. */
  private void whereTheSetIs() {
    Map<String, DeviceState> states = lab.destination().host().witnessed();
    for (String device : HypervisorLab.SET) {
      assertEquals(DeviceState.RUNNING, states.get(device), states::toString);
    }
    lab.destination().type("systemctl stop fermata-agent; kill $(cat /run/vmm.pid)");
    Map<String, Integer> read = lab.destination().host().stamps();
    for (String device : HypervisorLab.SET) {
      assertEquals(
          Objects.requireNonNull(HypervisorLab.stamps().get(device)), read.get(device), device);
    }
  }
}

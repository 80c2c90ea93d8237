package io.fermata.agent.device.kernel;

import static io.fermata.agent.device.kernel.PaperHost.FULL;
import static io.fermata.agent.device.kernel.PaperHost.ZERO;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceFault;
import io.fermata.agent.device.Errno;
import io.fermata.agent.device.kernel.KernelDeviceSettings.Way;
import io.fermata.agent.device.kernel.NotHeld.Code;
import io.fermata.agent.os.SameFile;
import io.fermata.agent.os.Supervisor;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Descriptors that another process has: real processes, real open files, ioctls on paper. */
class HeldByOthersTest {
  private static final long SELF = ProcessHandle.current().pid();

  @TempDir Path folder;
  private PaperHost paper;

  @BeforeEach
  void makeAHost() throws IOException {
    paper = new PaperHost(folder);
  }

  @AfterEach
  void endTheProcesses() {
    paper.end();
  }

  @Test
  void aDeviceIsAdoptedFromTheProcessThatIsNamed() throws IOException {
    Process vmm = paper.vmm("/dev/full");
    try (KernelHost host = paper.open(Way.RECEIVE)) {
      assertEquals(List.of(), host.devices());
      host.adopt(FULL, (int) vmm.pid());
      assertEquals(List.of(FULL), host.devices().stream().map(DeviceControl::name).toList());
      int[] ours = lent(host);
      assertTrue(SameFile.is(SELF, ours[0], vmm.pid(), 7), "the very same open file");
      assertEquals(DeviceState.RUNNING, host.devices().getFirst().state());
      assertEquals("paper", host.devices().getFirst().profile().driver());
    }
    assertTrue(vmm.isAlive());
  }

  @Test
  void aPidFileNamesTheProcessAlsoWhenItIsWrittenLate() throws IOException {
    Path file = folder.resolve("vm.pid");
    var settings = List.of(paper.settings(FULL, Way.ADOPT, file));
    try (KernelHost host = paper.open(settings, new Supervisor(Map.of(), 0))) {
      assertEquals("full: no process number in " + file, reason(host));
      Files.writeString(file, paper.vmm("/dev/full").pid() + "\n");
      host.hold(FULL);
      assertEquals(List.of(), host.unavailable());
    }
  }

  @Test
  void withoutOneTheProcessThatHasItIsLookedFor() throws IOException {
    var settings = List.of(paper.settings(FULL, Way.ADOPT, null));
    Process vmm = paper.vmm("/dev/full");
    try (KernelHost host = paper.open(settings, new Supervisor(Map.of(), 0))) {
      assertTrue(SameFile.is(SELF, lent(host)[0], vmm.pid(), 7));
    }
    Process second = paper.vmm("/dev/full");
    try (KernelHost host = paper.open(settings, new Supervisor(Map.of(), 0))) {
      assertTrue(reason(host).contains("several processes"), reason(host));
      assertTrue(reason(host).contains("" + second.pid()), reason(host));
    }
  }

  @Test
  void aProcessWithoutTheDeviceGivesNothing() throws IOException {
    Process other = paper.vmm("/dev/zero");
    try (KernelHost host = paper.open(Way.RECEIVE)) {
      refused(Code.NOT_THERE, () -> host.adopt(FULL, (int) other.pid()));
      assertTrue(reason(host).contains("process " + other.pid() + " does not have"), reason(host));
    }
  }

  @Test
  void aProcessThatIsNotThereIsNamed() throws Exception {
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    try (KernelHost host = paper.open(Way.RECEIVE)) {
      refused(Code.NO_SUCH_PROCESS, () -> host.adopt(FULL, (int) gone.pid()));
      assertTrue(reason(host).contains("" + gone.pid()), reason(host));
    }
  }

  @Test
  void whatIsSentIsTakenOnlyIfItIsTheDevices() throws IOException {
    long before = openDevices();
    try (KernelHost host = paper.open(Way.RECEIVE)) {
      refused(Code.OTHER_DEVICE, () -> host.take(FULL, opened("/dev/zero"), null));
      refused(Code.OTHER_DEVICE, () -> host.take(FULL, opened("/etc/passwd"), null));
      refused(Code.OTHER_DEVICE, () -> host.take(FULL, opened("/dev/full"), opened("/dev/null")));
      refused(Code.UNKNOWN_DEVICE, () -> host.take(new DeviceName("x"), opened("/dev/full"), null));
      assertEquals(before, openDevices(), "what is not taken is closed");
      host.take(FULL, opened("/dev/full"), null);
      host.take(FULL, opened("/dev/full"), null); // sent again
      assertEquals(before + 1, openDevices());
    }
    assertEquals(before, openDevices());
  }

  @Test
  void whatWasNotBoundAndCameAloneIsRefused() throws IOException {
    long before = openDevices();
    paper.libc.unbound();
    try (KernelHost host = paper.open(Way.RECEIVE)) {
      refused(Code.REFUSED_BY_DEVICE, () -> host.take(FULL, opened("/dev/full"), null));
      assertFalse(paper.libc.isBound());
    }
    assertEquals(before, openDevices());
  }

  @Test
  void withoutADescriptorEveryCallFailsAndSaysWhy() {
    try (KernelHost host = paper.open(Way.RECEIVE)) {
      DeviceControl device = host.all().getFirst();
      DeviceFault fault = assertThrows(DeviceFault.class, device::state);
      assertEquals(Errno.ENXIO, fault.errno());
      assertTrue(fault.getMessage().contains("has not sent"), fault.getMessage());
      assertEquals(0, device.capabilities().flags());
      refused(Code.NOT_HELD, () -> host.hold(FULL));
      refused(Code.NOT_HELD, () -> host.release(FULL));
      refused(Code.NOT_HELD, () -> lent(host));
    }
  }

  @Test
  void whatIsLetGoOfIsClosedAndMayComeAgain() throws IOException {
    Process vmm = paper.vmm("/dev/full");
    long before = openDevices();
    try (KernelHost host = paper.open(Way.RECEIVE)) {
      host.adopt(FULL, (int) vmm.pid());
      host.release(FULL);
      assertEquals(before, openDevices());
      assertThrows(DeviceFault.class, () -> host.all().getFirst().state());
      host.adopt(FULL, (int) vmm.pid());
      assertEquals(DeviceState.RUNNING, host.all().getFirst().state());
    }
  }

  @Test
  void aGroupsDeviceIsKnownByWhatTheKernelWritesBesideItAndNeverGuessed() throws IOException {
    Path process = Files.createDirectories(folder.resolve("proc/4711/fd")).getParent();
    Files.createDirectories(process.resolve("fdinfo"));
    Files.createSymbolicLink(process.resolve("fd/9"), Path.of("anon_inode:[vfio-device]"));
    Files.writeString(process.resolve("fdinfo/9"), "pos:\t0\nflags:\t02000002\n");
    KernelDeviceSettings full = paper.settings(FULL, Way.ADOPT, null);
    var identity = new Sysfs(folder.resolve("sys"), Path.of("/dev")).identify(full);
    OpenFiles files = new OpenFiles(folder.resolve("proc"));
    refused(Code.UNTOLD, () -> files.find(4711, full, identity));
    Files.writeString(process.resolve("fdinfo/9"), "vfio-device-syspath: /sys/devices/other\n");
    refused(Code.NOT_THERE, () -> files.find(4711, full, identity));
    Files.writeString(
        process.resolve("fdinfo/9"), "vfio-device-syspath: " + identity.directory() + "\n");
    assertEquals(9, files.find(4711, full, identity));
  }

  @Test
  void whatTheKernelForbidsIsSaidByName() throws Exception {
    // A user that may not look into this process: root without CAP_SYS_PTRACE is one.
    assertTrue(SELF > 0);
    Process vmm = paper.vmm("/dev/full");
    String said = tried("-sys_ptrace", vmm);
    assertTrue(said.contains("NOT_PERMITTED full: looking into /proc/" + vmm.pid()), said);
    assertTrue(said.contains("EACCES(13)") && said.contains("CAP_SYS_PTRACE"), said);
    assertTrue(said.contains("hold: receive"), said);
  }

  /** The list of a process's open files is its own user's; that capability does not show it. */
  @Test
  void whoMayTraceAProcessOfAnotherUserAdoptsWithoutSeeingItsFiles() throws Exception {
    Process vmm =
        new ProcessBuilder(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "sh",
                "-c",
                "exec 7<>/dev/full; echo; exec sleep 600")
            .start();
    try {
      assertEquals('\n', vmm.getInputStream().read());
      String said = tried("-all,+sys_ptrace", vmm);
      assertTrue(said.contains("adopted"), said);
      String barred = tried("-all", vmm);
      assertTrue(barred.contains("NOT_PERMITTED full: looking into"), barred);
    } finally {
      vmm.destroyForcibly();
    }
  }

  /** Adopts in a process of its own with these capabilities. */
  private String tried(String capabilities, Process vmm) throws IOException {
    List<String> command =
        List.of(
            "setpriv",
            "--bounding-set=" + capabilities,
            "--inh-caps=" + capabilities,
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Barred.class.getName(),
            folder.resolve("barred").toString(),
            Long.toString(vmm.pid()));
    Process barred = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(barred.getInputStream().readAllBytes(), UTF_8);
  }

  /** Tries to adopt, and says what came of it. */
  static final class Barred {
    private Barred() {}

    public static void main(String[] arguments) throws IOException {
      Path folder = Files.createDirectories(Path.of(arguments[0]));
      try (KernelHost host = new PaperHost(folder).open(Way.RECEIVE)) {
        host.adopt(FULL, Integer.parseInt(arguments[1]));
        System.out.println("adopted");
      } catch (NotHeld missing) {
        System.out.println(missing.code() + " " + missing.getMessage());
      }
    }
  }

  private static int[] lent(KernelHost host) {
    int[] numbers = new int[2];
    host.lend(
        FULL,
        (device, iommu) -> {
          numbers[0] = device;
          numbers[1] = iommu;
        });
    return numbers;
  }

  private static void refused(Code code, Executable attempt) {
    assertEquals(code, assertThrows(NotHeld.class, attempt).code());
  }

  private static String reason(KernelHost host) {
    return host.unavailable().stream()
        .filter(each -> !each.name().equals(ZERO))
        .findFirst()
        .orElseThrow()
        .reason();
  }

  private static int opened(String path) {
    int flags = path.startsWith("/dev") ? Libc.O_RDWR : 0;
    return (int) new NativeLibc().open(path, flags | Libc.O_CLOEXEC);
  }

  /** Of the files that these tests send; what else the machine opens is its own affair. */
  private static long openDevices() throws IOException {
    List<String> sent = List.of("/dev/full", "/dev/zero", "/dev/null", "/etc/passwd");
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files.filter(file -> sent.contains(target(file))).count();
    }
  }

  private static String target(Path file) {
    try {
      return Files.readSymbolicLink(file).toString();
    } catch (IOException closed) {
      return "";
    }
  }
}

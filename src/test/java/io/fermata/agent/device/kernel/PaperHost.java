package io.fermata.agent.device.kernel;

import io.fermata.agent.device.kernel.KernelDeviceSettings.Way;
import io.fermata.agent.os.Supervisor;
import io.fermata.device.DeviceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A host with two devices on paper: {@code full}, whose device file is {@code /dev/full}, and
 * {@code zero}, whose is {@code /dev/zero}; what is open of them is open for real. Shared with the
 * tests of the rooms above.
 */
public final class PaperHost {
  public static final DeviceName FULL = new DeviceName("full");
  public static final DeviceName ZERO = new DeviceName("zero");

  private final Path folder;
  private final List<Process> started = new ArrayList<>();
  final DeviceOnPaper libc;

  public PaperHost(Path folder) throws IOException {
    this.folder = folder;
    this.libc = new DeviceOnPaper(folder.resolve("state"));
    device("full", "1:7");
    device("zero", "1:5");
  }

  private void device(String name, String node) throws IOException {
    Path file = Files.createDirectories(at(name).resolve("vfio-dev/vfio-" + name));
    Files.writeString(file.resolve("dev"), node + "\n");
    Path driver = Files.createDirectories(folder.resolve("sys/drivers/paper"));
    if (!Files.exists(at(name).resolve("driver"))) {
      Files.createSymbolicLink(at(name).resolve("driver"), driver);
    }
  }

  private Path at(String name) {
    return folder.resolve("sys/devices").resolve(name);
  }

  KernelDeviceSettings settings(DeviceName name, Way way, @Nullable Path pidFile) {
    return new KernelDeviceSettings(name, at(name.value()).toString(), way, pidFile, "vm");
  }

  /** Both devices, held in that way. */
  public KernelHost open(Way way) {
    return open(way, new Supervisor(Map.of(), 0));
  }

  /** The same with a descriptor store. */
  public KernelHost open(Way way, Supervisor keeper) {
    return open(List.of(settings(FULL, way, null), settings(ZERO, way, null)), keeper);
  }

  KernelHost open(List<KernelDeviceSettings> settings, Supervisor keeper) {
    var sysfs = new Sysfs(folder.resolve("sys"), Path.of("/dev"));
    return KernelHost.open(
        settings, new KernelHost.Parts(libc, sysfs, OpenFiles.ofThisHost(), keeper));
  }

  /** A process that has that file open as number 7. */
  Process vmm(String file) throws IOException {
    String script = "exec 7<>" + file + "; echo ready; exec sleep 600";
    Process process = new ProcessBuilder("bash", "-c", script).start();
    started.add(process);
    process.inputReader().readLine();
    return process;
  }

  /** Ends what was started here. */
  public void end() {
    started.forEach(Process::destroyForcibly);
  }
}

package io.fermata.agent.device.kernel;

import static io.fermata.device.DeviceState.PRE_COPY;
import static io.fermata.device.DeviceState.PRE_COPY_P2P;
import static io.fermata.device.DeviceState.RESUMING;
import static io.fermata.device.DeviceState.RUNNING;
import static io.fermata.device.DeviceState.RUNNING_P2P;
import static io.fermata.device.DeviceState.STOP;
import static io.fermata.device.DeviceState.STOP_COPY;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceControl.PrecopyInfo;
import io.fermata.agent.device.DeviceFault;
import io.fermata.agent.device.Errno;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/**
 * Drives real {@code mtty} devices by this room's public types, inside a host of the kernel lab,
 * and prints one PASS or FAIL line for each expectation. The exit code tells whether all held.
 *
 * <pre>
 *   java -cp target/classes:target/test-classes io.fermata.agent.device.kernel.KernelProbe \
 *     SHARE/devices.tsv
 * </pre>
 *
 * The table's columns: name, UUID, ports, device file. Two devices of each kind are used; no agent
 * may hold them meanwhile.
 */
public final class KernelProbe {
  private static final int HEADER_BYTES = 24;
  private static final int PORT_BYTES = 36;

  private int failures;

  private KernelProbe() {}

  private record Row(String name, String at, int ports) {
    static Row of(String line) {
      List<String> cells = List.of(line.split("\t", -1));
      int ports = Integer.parseInt(cells.get(2));
      // Both ways of naming a device get their turn.
      return new Row(cells.get(0), cells.get(ports == 1 ? 1 : 3), ports);
    }

    KernelDeviceSettings settings() {
      return new KernelDeviceSettings(new DeviceName(name), at);
    }

    int imageBytes() {
      return HEADER_BYTES + PORT_BYTES * ports;
    }
  }

  /** Reads the table named by the first argument. */
  public static void main(String[] arguments) throws IOException {
    List<Row> rows = Files.readAllLines(Path.of(arguments[0])).stream().map(Row::of).toList();
    KernelProbe probe = new KernelProbe();
    List<KernelDeviceSettings> settings = rows.stream().map(Row::settings).toList();
    try (KernelHost host = KernelHost.open(settings)) {
      probe.expect("every device is opened", List.of(), host.unavailable());
      probe.run(rows, host.devices());
      probe.refuseASecondOwner(settings.getFirst());
    }
    try (KernelHost again = KernelHost.open(settings)) {
      probe.expect("closed devices can be opened again", rows.size(), again.devices().size());
    }
    System.out.println(probe.failures == 0 ? "PASS all" : "FAIL " + probe.failures);
    System.exit(probe.failures == 0 ? 0 : 1);
  }

  private void run(List<Row> rows, List<DeviceControl> devices) {
    for (int ports = 1; ports <= 2; ports++) {
      List<DeviceControl> alike = withPorts(ports, rows, devices);
      int bytes = HEADER_BYTES + PORT_BYTES * ports;
      if (alike.size() >= 2) {
        look(alike.getFirst(), "mtty-" + ports, bytes);
        migrate(alike.get(0), alike.get(1), bytes);
        migrateWithoutPreCopy(alike.get(0), alike.get(1), bytes);
        refuseGarbage(alike.get(1), bytes);
      }
    }
    List<DeviceControl> single = withPorts(1, rows, devices);
    List<DeviceControl> dual = withPorts(2, rows, devices);
    if (!single.isEmpty() && !dual.isEmpty()) {
      refuseOtherShape(single.getFirst(), dual.getFirst(), rows.getFirst().imageBytes());
    }
  }

  private static List<DeviceControl> withPorts(
      int ports, List<Row> rows, List<DeviceControl> devices) {
    List<String> names = rows.stream().filter(r -> r.ports() == ports).map(Row::name).toList();
    return devices.stream().filter(d -> names.contains(d.name().value())).toList();
  }

  private void look(DeviceControl device, String model, int bytes) {
    System.out.println("# " + device.name() + ": " + device.profile());
    expect("driver and model", "mtty/" + model, device.profile().key());
    expect("capabilities", 7, device.capabilities().flags());
    System.out.println("     " + device.capabilities().offered());
    expect("size of its state", (long) bytes, device.dataSize());
    expect("state after open", RUNNING, device.state());
  }

  private void migrate(DeviceControl source, DeviceControl destination, int bytes) {
    System.out.println("# with pre-copy: " + source.name() + " to " + destination.name());
    hop(source, PRE_COPY);
    expect("pre-copy has left", new PrecopyInfo(HEADER_BYTES, 0, false), source.precopy());
    ByteBuffer image = ByteBuffer.allocateDirect(4096);
    expect("read in PRE_COPY", HEADER_BYTES, source.read(image));
    expect("drained for now", 0, source.read(image));
    expect("pre-copy has left", new PrecopyInfo(0, 0, false), source.precopy());
    hop(source, PRE_COPY_P2P, STOP_COPY);
    expectFault("pre-copy information in STOP_COPY", Errno.EINVAL, source::precopy);
    expect("read in STOP_COPY", bytes - HEADER_BYTES, source.read(image));
    expect("end of the image", 0, source.read(image));
    load(destination, image.flip());
    hop(source, STOP);
    expectFault("read after the session", Errno.ENODEV, () -> source.read(image.clear()));
    hop(source, RUNNING_P2P, RUNNING);
  }

  private void migrateWithoutPreCopy(DeviceControl source, DeviceControl destination, int bytes) {
    System.out.println("# without pre-copy: " + source.name() + " to " + destination.name());
    ByteBuffer image = save(source);
    expect("image", bytes, image.remaining());
    hop(source, STOP, RUNNING_P2P, RUNNING);
    load(destination, image.duplicate());
    ByteBuffer arrived = save(destination);
    System.out.println("     " + hexadecimal(image));
    expect("the destination's image is the source's", hexadecimal(image), hexadecimal(arrived));
    hop(destination, STOP, RUNNING_P2P, RUNNING);
  }

  private ByteBuffer save(DeviceControl source) {
    hop(source, RUNNING_P2P, STOP, STOP_COPY);
    ByteBuffer image = ByteBuffer.allocateDirect(4096);
    // In small pieces, so that the end is found by 0 and not by luck.
    int end = 0;
    while (source.read(image.limit(end + 10)) > 0) {
      end = image.position();
    }
    return image.flip();
  }

  private void load(DeviceControl destination, ByteBuffer image) {
    hop(destination, RESUMING);
    destination.write(image);
    expect("all of the image is written", 0, image.remaining());
    hop(destination, STOP, RUNNING_P2P, RUNNING);
  }

  private void refuseGarbage(DeviceControl device, int bytes) {
    System.out.println("# garbage into " + device.name());
    hop(device, RESUMING);
    expectFault("200 bytes", Errno.ENOMEM, () -> device.write(garbage(200)));
    expectFault("RESUMING to STOP", Errno.EINVAL, () -> device.move(STOP));
    expect("it stays", RESUMING, device.state());
    device.reset();
    expect("after a reset", RUNNING, device.state());
    expectFault("write after the reset", Errno.ENODEV, () -> device.write(garbage(1)));

    System.out.println("# an image's length of garbage into " + device.name());
    hop(device, RESUMING);
    expectFault("write", Errno.EFAULT, () -> device.write(garbage(bytes)));
    System.out.println("     RESUMING to STOP: " + outcome(() -> device.move(STOP)));
    System.out.println("     state: " + device.state());
    device.reset();
    expect("after a reset", RUNNING, device.state());
  }

  private void refuseOtherShape(DeviceControl single, DeviceControl dual, int bytes) {
    System.out.println("# image of one port into two: " + single.name() + " to " + dual.name());
    ByteBuffer image = save(single);
    expect("image", bytes, image.remaining());
    hop(dual, RESUMING);
    expectFault("write", Errno.EFAULT, () -> dual.write(image));
    expectFault("RESUMING to STOP", Errno.EINVAL, () -> dual.move(STOP));
    expect("it stays", RESUMING, dual.state());
    dual.reset();
    expect("after a reset", RUNNING, dual.state());
    hop(single, STOP, RUNNING_P2P, RUNNING);
    expectFault("STOP_COPY to PRE_COPY", Errno.EINVAL, () -> backToPreCopy(single));
    single.reset();
    expect("after a reset in STOP_COPY", RUNNING, single.state());
  }

  private static void backToPreCopy(DeviceControl device) {
    device.move(STOP_COPY);
    device.move(PRE_COPY);
  }

  private void refuseASecondOwner(KernelDeviceSettings settings) {
    try (KernelHost other = KernelHost.open(List.of(settings))) {
      expect("a second owner is refused", 1, other.unavailable().size());
      System.out.println("     " + other.unavailable());
    }
  }

  private static ByteBuffer garbage(int bytes) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
    while (buffer.hasRemaining()) {
      buffer.put((byte) 7);
    }
    return buffer.flip();
  }

  private void hop(DeviceControl device, DeviceState... states) {
    for (DeviceState to : states) {
      DeviceState from = device.state();
      long began = System.nanoTime();
      device.move(to);
      double millis = (System.nanoTime() - began) / 1e6;
      String what = "%s %s->%s %.3f ms".formatted(device.name(), from, to, millis);
      expect(what, to, device.state());
    }
  }

  private void expectFault(String what, Errno errno, Runnable call) {
    expect(what + " is refused", errno.toString(), outcome(call));
  }

  private static String outcome(Runnable call) {
    try {
      call.run();
      return "done";
    } catch (DeviceFault fault) {
      return fault.errno().toString();
    }
  }

  private void expect(String what, Object expected, Object seen) {
    boolean same = Objects.equals(expected, seen);
    failures += same ? 0 : 1;
    String line = (same ? "PASS " : "FAIL ") + what + (same ? ": " + seen : "");
    System.out.println(same ? line : line + ": saw " + seen + ", expected " + expected);
  }

  private static String hexadecimal(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}

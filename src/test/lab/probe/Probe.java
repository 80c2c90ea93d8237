import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;

/**
 * Proves that a lab host is sound, without any code of the project: real migration of mtty devices
 * by their ioctls.
 *
 * <pre>
 *   Probe prove DEVICES.TSV       migrate, then the negative cases; one PASS or FAIL line for each
 *   Probe state PATH...           print each device's state and scratch register
 *   Probe stamp PATH VALUE...     set scratch registers, so that images differ
 *   Probe image PATH              print a running device's image in hexadecimal; it ends up running
 *   Probe move PATH STATE...      walk one device; print each state
 *   Probe hold PATH STATE...      the same, then wait to be killed
 *   Probe reset PATH              reset one device
 *   Probe reset-in PID PATH       reset a device that process holds, by a copy of its descriptor
 *   Probe state-in PID PATH...    the same as state, of devices that process holds
 * </pre>
 */
final class Probe {

  private static final int EFAULT = 14;
  private static final int EINVAL = 22;
  private static final int ENOMEM = 12;
  private static final int HEADER_BYTES = 24;
  private static final int PORT_BYTES = 36;

  private final Arena arena = Arena.ofShared();
  private int failures;

  private record Row(String name, int ports, String path) {
    static Row of(String line) {
      String[] cells = line.split("\t");
      return new Row(cells[0], Integer.parseInt(cells[2]), cells[3]);
    }

    int imageBytes() {
      return HEADER_BYTES + PORT_BYTES * ports;
    }
  }

  static void main(String[] arguments) throws IOException, InterruptedException {
    Probe probe = new Probe();
    String first = arguments[1];
    switch (arguments[0]) {
      case "prove" ->
          probe.prove(Files.readAllLines(Path.of(first)).stream().map(Row::of).toList());
      case "state" -> {
        for (int i = 1; i < arguments.length; i++) {
          state(arguments[i]);
        }
      }
      case "stamp" -> {
        for (int i = 1; i < arguments.length; i += 2) {
          stamp(arguments[i], Integer.parseInt(arguments[i + 1]));
        }
      }
      case "image" -> probe.image(first);
      case "move" -> walk(first, arguments, false);
      case "hold" -> walk(first, arguments, true);
      case "reset" -> reset(first);
      case "reset-in" -> {
        try (Device device = new Device(Long.parseLong(first), arguments[2])) {
          reset(device);
        }
      }
      case "state-in" -> {
        for (int i = 2; i < arguments.length; i++) {
          try (Device device = new Device(Long.parseLong(first), arguments[i])) {
            state(device, arguments[i]);
          }
        }
      }
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    System.exit(probe.failures == 0 ? 0 : 1);
  }

  private void prove(List<Row> rows) {
    List<Row> single = rows.stream().filter(row -> row.ports() == 1).toList();
    List<Row> dual = rows.stream().filter(row -> row.ports() == 2).toList();
    for (List<Row> alike : List.of(single, dual)) {
      if (alike.size() >= 2) {
        migrate(alike.get(0), alike.get(1));
      }
    }
    if (single.size() >= 2) {
      refuseGarbage(single.get(1));
      acceptBadHeaderUnseen(single.get(1));
      refuseSecondBind(single.get(0));
    }
    if (!single.isEmpty() && !dual.isEmpty()) {
      refuseOtherShape(single.get(0), dual.get(0));
    }
    System.out.println(failures == 0 ? "PASS all" : "FAIL " + failures);
  }

  private void migrate(Row from, Row to) {
    System.out.println("# " + from.ports() + "-port image, " + from.name() + " to " + to.name());
    try (Device source = new Device(from.path());
        Device destination = new Device(to.path())) {
      check("ioctl before BIND is refused", -EINVAL, source.state());
      check("BIND source", 0, source.bind());
      check("BIND destination", 0, destination.bind());
      check("info flags: PCI, no RESET", 2, source.infoFlags());
      check("migration flags", 7, source.feature(1));
      check("data size", from.imageBytes(), source.feature(9));
      check("source state", Device.RUNNING, source.state());
      check("stamp the source", 1, source.stamp(0x5a));
      MemorySegment image = save(source, from.imageBytes());
      check("stamp the destination otherwise", 1, destination.stamp(0xa5));
      hop(destination, Device.RESUMING);
      check("write the image", from.imageBytes(), destination.write(image));
      hop(destination, Device.STOP);
      hop(destination, Device.RUNNING_P2P);
      hop(destination, Device.RUNNING);
      check("the stamp arrived", 0x5a, destination.stamped());
      hop(source, Device.STOP);
      MemorySegment arrived = save(destination, to.imageBytes());
      check("destination's image equals the source's", -1, image.mismatch(arrived));
      check("RESET source", 0, source.reset());
      check("reset leads to RUNNING", Device.RUNNING, source.state());
      check("RESET destination", 0, destination.reset());
    }
  }

  private MemorySegment save(Device source, int bytes) {
    MemorySegment image = arena.allocate(bytes);
    MemorySegment rest = arena.allocate(4096);
    hop(source, Device.PRE_COPY);
    check("PRE_COPY opens a data descriptor", true, source.dataDescriptor >= 0);
    int session = source.dataDescriptor;
    check("initial bytes", HEADER_BYTES, source.precopyBytes()[0]);
    long early = source.read(image.asSlice(0, HEADER_BYTES));
    check("pre-copy read", HEADER_BYTES, early);
    check("drained read is 0, not ENOMSG", 0, source.read(rest));
    hop(source, Device.PRE_COPY_P2P);
    hop(source, Device.STOP_COPY);
    check("the same data descriptor goes on", session, source.dataDescriptor);
    check("PRECOPY_INFO is refused now", -EINVAL, source.precopyBytes()[0]);
    check("stop-copy read", bytes - HEADER_BYTES, source.read(image.asSlice(HEADER_BYTES)));
    check("end of stream", 0, source.read(rest));
    return image;
  }

  private void refuseGarbage(Row row) {
    System.out.println("# 200 bytes of garbage");
    try (Device device = new Device(row.path())) {
      device.bind();
      hop(device, Device.RESUMING);
      MemorySegment garbage = arena.allocate(200).fill((byte) 7);
      check("write is refused (ENOMEM: longer than an image)", -ENOMEM, device.write(garbage));
      check("RESUMING->STOP is refused", -EINVAL, device.move(Device.STOP));
      check("it stays in RESUMING", Device.RESUMING, device.state());
      check("a short image is taken", 30, device.write(goodStart(row).asSlice(0, 30)));
      check("RESUMING->STOP is refused again", -EINVAL, device.move(Device.STOP));
      check("RESET", 0, device.reset());
      check("reset leads to RUNNING", Device.RUNNING, device.state());
      check("the old data descriptor is dead (ENODEV)", -19, device.write(goodStart(row)));
    }
  }

  private void acceptBadHeaderUnseen(Row row) {
    System.out.println(
        "# a whole image with a bad header: the write fails, RESUMING->STOP does not");
    try (Device device = new Device(row.path())) {
      device.bind();
      hop(device, Device.RESUMING);
      MemorySegment wrong = arena.allocate(row.imageBytes()).fill((byte) 7);
      check("write answers EFAULT", -EFAULT, device.write(wrong));
      check("and yet RESUMING->STOP is accepted", 0, device.move(Device.STOP));
      check("state", Device.STOP, device.state());
      check("RESET", 0, device.reset());
    }
  }

  private void refuseOtherShape(Row from, Row to) {
    System.out.println("# 1-port image into a 2-port device");
    try (Device source = new Device(from.path());
        Device destination = new Device(to.path())) {
      source.bind();
      destination.bind();
      MemorySegment image = save(source, from.imageBytes());
      hop(destination, Device.RESUMING);
      check("write answers EFAULT", -EFAULT, destination.write(image));
      check("RESUMING->STOP is refused (too short)", -EINVAL, destination.move(Device.STOP));
      check("it stays in RESUMING", Device.RESUMING, destination.state());
      check("RESET destination", 0, destination.reset());
      hop(source, Device.STOP);
      hop(source, Device.RUNNING_P2P);
      hop(source, Device.RUNNING);
      check("RESET source", 0, source.reset());
    }
  }

  private void refuseSecondBind(Row row) {
    System.out.println("# one owner at a time");
    try (Device first = new Device(row.path());
        Device second = new Device(row.path())) {
      check("first BIND", 0, first.bind());
      check("second BIND is refused", -EINVAL, second.bind());
      check("illegal: ->ERROR", -EINVAL, first.move(0));
    }
  }

  private MemorySegment goodStart(Row row) {
    MemorySegment image = arena.allocate(row.imageBytes(), 8);
    image.set(JAVA_LONG, 0, 0x7e9d09898c3e2c4eL);
    image.set(JAVA_INT, 8, 1); // major version
    image.set(JAVA_INT, 16, row.ports());
    return image;
  }

  private void hop(Device device, int state) {
    int from = device.state();
    int outcome = device.move(state);
    check(
        "%s->%s %.3f ms"
            .formatted(Device.nameOf(from), Device.nameOf(state), device.lastHopNanos / 1e6),
        0,
        outcome);
    check("  state is " + Device.nameOf(state), state, device.state());
  }

  private void check(String what, Object expected, Object seen) {
    boolean same =
        expected instanceof Number number
            ? number.longValue() == ((Number) seen).longValue()
            : expected.equals(seen);
    if (!same) {
      failures++;
    }
    System.out.println(
        (same ? "PASS " : "FAIL ")
            + what
            + (same ? "" : ": saw " + seen + ", expected " + expected));
  }

  private static Device bound(String path) {
    Device device = new Device(path);
    int outcome = device.bind();
    if (outcome != 0) {
      throw new IllegalStateException("BIND " + path + ": errno " + -outcome);
    }
    return device;
  }

  private static void state(String path) {
    try (Device device = bound(path)) {
      state(device, path);
    }
  }

  private static void state(Device device, String path) {
    System.out.printf("%s %s %02x%n", path, Device.nameOf(device.state()), device.stamped());
  }

  private static void stamp(String path, int value) {
    try (Device device = bound(path)) {
      device.stamp(value);
    }
  }

  private static void reset(String path) {
    try (Device device = bound(path)) {
      reset(device);
    }
  }

  private static void reset(Device device) {
    System.out.println("reset: " + device.reset() + ", now " + Device.nameOf(device.state()));
  }

  private void image(String path) {
    try (Device device = bound(path)) {
      for (int state : new int[] {Device.RUNNING_P2P, Device.STOP, Device.STOP_COPY}) {
        device.move(state);
      }
      MemorySegment buffer = arena.allocate(4096);
      long bytes = device.read(buffer);
      byte[] image = buffer.asSlice(0, Math.max(0, bytes)).toArray(JAVA_BYTE);
      System.out.println(HexFormat.of().formatHex(image));
      for (int state : new int[] {Device.STOP, Device.RUNNING_P2P, Device.RUNNING}) {
        device.move(state);
      }
    }
  }

  private static void walk(String path, String[] arguments, boolean hold)
      throws InterruptedException {
    Device device = bound(path);
    for (int i = 2; i < arguments.length; i++) {
      int outcome = device.move(Device.stateNamed(arguments[i]));
      System.out.println(
          "->" + arguments[i] + ": " + outcome + ", now " + Device.nameOf(device.state()));
    }
    if (hold) {
      System.out.println("holding");
      Thread.sleep(Long.MAX_VALUE);
    }
    device.close();
  }
}

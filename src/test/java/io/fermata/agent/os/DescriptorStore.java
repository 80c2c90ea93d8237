package io.fermata.agent.os;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What systemd does for one service with {@code Type=notify}, {@code FileDescriptorStoreMax=} and
 * {@code Restart=always}, by its documents sd_notify(3), sd_listen_fds(3) and systemd.service(5):
 * takes notifications at a datagram socket; keeps what comes with FDSTORE=1 under FDNAME, one
 * descriptor for one open file, up to a limit; drops by FDSTOREREMOVE=1; passes what it keeps to
 * each process that it starts, from number 3 up, and keeps it all the same. A name with a colon or
 * a control character is no name.
 */
public final class DescriptorStore implements AutoCloseable {
  private static final long SELF = ProcessHandle.current().pid();

  private final String address;
  private final Path output;
  private final int most;
  private final PacketSocket socket;
  private final List<Kept> kept = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final Thread thread;
  private Spawned service;

  private record Kept(String name, int descriptor) {}

  public DescriptorStore(Path folder, int most) {
    this.address = folder.resolve("notify").toString();
    this.output = folder.resolve("output");
    this.most = most;
    this.socket = PacketSocket.taking(address);
    this.thread = Thread.ofPlatform().daemon().start(this::take);
  }

  private void take() {
    while (true) {
      Packet packet = socket.receive(4096, 100).orElse(null);
      if (packet == null) {
        return;
      }
      told(new String(packet.bytes(), UTF_8), packet);
    }
  }

  private synchronized void told(String words, Packet packet) {
    Map<String, String> fields = new HashMap<>();
    words.lines().forEach(line -> fields.put(line.split("=", 2)[0], line.split("=", 2)[1]));
    words.lines().forEach(told::add);
    String name = fields.getOrDefault("FDNAME", "stored");
    boolean named =
        name.length() <= 255 && name.chars().allMatch(c -> c >= 32 && c < 127 && c != 58);
    if ("1".equals(fields.get("FDSTORE")) && named) {
      Arrays.stream(packet.descriptors()).forEach(descriptor -> keep(name, descriptor));
    } else {
      packet.closeAll();
    }
    if ("1".equals(fields.get("FDSTOREREMOVE")) && named) {
      drop(name);
    }
    notifyAll();
  }

  private void keep(String name, int descriptor) {
    boolean known = kept.stream().anyMatch(k -> SameFile.is(SELF, k.descriptor, SELF, descriptor));
    if (known || kept.size() >= most) {
      Calls.close(descriptor);
    } else {
      kept.add(new Kept(name, descriptor));
    }
  }

  private void drop(String name) {
    for (Iterator<Kept> each = kept.iterator(); each.hasNext(); ) {
      Kept one = each.next();
      if (one.name.equals(name)) {
        Calls.close(one.descriptor);
        each.remove();
      }
    }
  }

  /** Starts the service, or starts it again. */
  public synchronized void start(List<String> command, long watchdogMicros) {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("NOTIFY_SOCKET", address);
    environment.put("WATCHDOG_USEC", Long.toString(watchdogMicros));
    if (!kept.isEmpty()) {
      environment.put("LISTEN_FDS", Integer.toString(kept.size()));
      environment.put(
          "LISTEN_FDNAMES", kept.stream().map(Kept::name).collect(Collectors.joining(":")));
    }
    told.clear();
    List<Integer> files = kept.stream().map(Kept::descriptor).toList();
    service = Spawned.start(command, environment, files, output);
  }

  /** kill -9. What the service has sent before is kept. */
  public void kill() {
    Spawned running;
    synchronized (this) {
      running = service;
    }
    running.kill();
  }

  /** Waits until that line was told since the last start, or the service has ended. */
  public synchronized void await(String line, long times) throws InterruptedException {
    long end = System.nanoTime() + 60_000_000_000L;
    boolean alive = true;
    while (told.stream().filter(line::equals).count() < times) {
      if (System.nanoTime() > end || !alive) {
        throw new AssertionError("not told " + line + " but " + told);
      }
      alive = service.isAlive();
      wait(alive ? 100 : 1000); // what it said last may still be on its way
    }
  }

  /** Asks the service to end, as {@code systemctl stop} does. */
  public synchronized void stop() {
    service.terminate();
  }

  /** The names of what is kept, in order. */
  public synchronized List<String> names() {
    return kept.stream().map(Kept::name).sorted().toList();
  }

  /** The number here of what is kept under that name. */
  public synchronized int descriptor(String name) {
    return kept.stream().filter(k -> k.name.equals(name)).findFirst().orElseThrow().descriptor;
  }

  /** What the service has printed. */
  public Path output() {
    return output;
  }

  /** The service's process number. */
  public synchronized int pid() {
    return service.pid();
  }

  @Override
  public void close() {
    if (service != null) {
      service.kill();
    }
    socket.wake();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    socket.close();
    kept.forEach(k -> Calls.close(k.descriptor));
  }
}

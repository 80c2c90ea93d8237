package io.fermata.agent.os;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * systemd, or whatever started this process and speaks its protocol: it is told how the service is
 * (sd_notify), and keeps open files for it while it is away (the descriptor store). Where nothing
 * does, every call is a call to nobody.
 *
 * <p>Safe for several threads.
 */
public final class Supervisor {
  private static final System.Logger LOG = System.getLogger(Supervisor.class.getName());
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int FIRST = 3;
  private static final int CLOSE_ON_EXEC = 1;

  private final @Nullable String address;
  private final @Nullable Duration watchdog;
  private final SortedMap<String, Integer> inherited = new TreeMap<>();

  /**
   * Takes over what the manager kept; to be made once in a process.
   *
   * @param environment the process's
   * @param pid the process's
   */
  public Supervisor(Map<String, String> environment, long pid) {
    String told = environment.getOrDefault("NOTIFY_SOCKET", "");
    this.address = told.startsWith("/") || told.startsWith("@") ? told : null;
    this.watchdog = watchdog(environment, pid);
    if (isFor(environment.get("LISTEN_PID"), pid)) {
      inherit(environment);
    }
  }

  private static @Nullable Duration watchdog(Map<String, String> environment, long pid) {
    String micros = environment.get("WATCHDOG_USEC");
    String whose = environment.get("WATCHDOG_PID");
    return micros == null || (whose != null && !isFor(whose, pid))
        ? null
        : Duration.ofNanos(Long.parseLong(micros) * 1000);
  }

  private static boolean isFor(@Nullable String told, long pid) {
    return Long.toString(pid).equals(told);
  }

  private void inherit(Map<String, String> environment) {
    int count = Integer.parseInt(environment.getOrDefault("LISTEN_FDS", "0"));
    String[] names = environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1);
    for (int i = 0; i < count; i++) {
      int number = FIRST + i;
      Calls.setFlags(number, CLOSE_ON_EXEC); // no program that is started from here shall have it
      String name = i < names.length ? names[i] : "unknown";
      Integer before = inherited.putIfAbsent(name, number);
      if (before != null) {
        LOG.log(System.Logger.Level.WARNING, "kept twice under one name: {0}", name);
        Calls.close(number);
      }
    }
  }

  /** Whether somebody listens. */
  public boolean present() {
    return address != null;
  }

  /** What was kept under that name; the caller's from now on, and given once. */
  public synchronized Optional<Integer> take(String name) {
    return Optional.ofNullable(inherited.remove(name));
  }

  /** Closes what nobody took, and names it. The manager keeps its own. */
  public synchronized List<String> closeRest() {
    List<String> names = List.copyOf(inherited.keySet());
    inherited.values().forEach(Calls::close);
    inherited.clear();
    return names;
  }

  /** How long it waits for a sign of life; empty when it does not. */
  public Optional<Duration> watchdog() {
    return Optional.ofNullable(watchdog);
  }

  /** The service serves. */
  public void ready(String status) {
    tell("READY=1\nSTATUS=" + status);
  }

  /** The service is alive. */
  public void alive() {
    tell("WATCHDOG=1");
  }

  /** The service is about to end. */
  public void stopping() {
    tell("STOPPING=1");
  }

  /**
   * Has a copy of an open file kept, until it is dropped by name. No polling: a device whose file
   * reports an error is exactly the one whose state must not be lost.
   */
  public void store(String name, int descriptor) {
    tell("FDSTORE=1\nFDPOLL=0\nFDNAME=" + name, descriptor);
  }

  /** Has what is kept under that name closed. */
  public void drop(String name) {
    tell("FDSTOREREMOVE=1\nFDNAME=" + name);
  }

  private void tell(String words, int... descriptors) {
    if (address == null) {
      return;
    }
    try (PacketSocket socket = PacketSocket.datagrams(address)) {
      socket.patience(PATIENCE);
      socket.send(words.getBytes(UTF_8), descriptors);
    } catch (OsFault e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the service manager was not told {0}: {1}",
          words.lines().findFirst().orElse(""),
          e.getMessage());
    }
  }
}

package io.fermata.chaos.process;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Replays what the devices of all hosts wrote, in the order of the machine's clock, and says what
 * went wrong. It knows the kernel's states and nothing of Fermata.
 *
 * <p>A device in the middle of a hop counts as both, the state it leaves and the one it heads for.
 * A device whose process is dead stays as it was last seen, as hardware would.
 */
public final class Judge {
  private static final Set<String> ISSUES_DMA = Set.of("RUNNING", "PRE_COPY");
  private static final Set<String> FROZEN = Set.of("STOP", "STOP_COPY", "RESUMING");
  private static final Set<String> CHANGES =
      Set.of("RUNNING", "PRE_COPY", "RUNNING_P2P", "PRE_COPY_P2P");

  private final SortedMap<String, SortedMap<String, Seen>> hosts = new TreeMap<>();
  private final Map<String, Long> newest = new HashMap<>();
  private final SortedSet<String> violations = new TreeSet<>();
  private long lines;

  /** A device as it was last seen. */
  private static final class Seen {
    private String state = "";
    private @Nullable String heading;
    private String guest = "";

    boolean mayBe(Set<String> states) {
      String to = heading;
      return states.contains(state) || (to != null && states.contains(to));
    }

    boolean certainlyChanges() {
      return CHANGES.contains(state) && !mayBe(FROZEN);
    }
  }

  /** Takes the next line; they must come in the order of time. */
  public void take(DeviceLine line) {
    lines++;
    Seen seen =
        hosts
            .computeIfAbsent(line.host(), h -> new TreeMap<>())
            .computeIfAbsent(line.device(), d -> new Seen());
    switch (line.kind()) {
      case "BEGAN" -> seen.heading = line.to();
      case "MOVED", "STAYED", "OPENED", "RESET" -> {
        seen.state = line.to();
        seen.heading = null;
      }
      case "LOST_DMA", "CHANGED_FROZEN" -> violate(line, line.kind());
      default -> {}
    }
    seen.guest = line.kind().equals("RESET") ? "" : line.guest();
    if (!seen.guest.isEmpty()) {
      requireNothingStale(line, seen);
      requireTheBarrier(line, seen.guest);
      requireOneHost(line, seen.guest);
    }
  }

  private void requireNothingStale(DeviceLine line, Seen seen) {
    String what = seen.guest + "/" + line.device();
    long before = newest.getOrDefault(what, 0L);
    if (seen.certainlyChanges() && line.counter() < before) {
      violate(line, "runs with state " + line.counter() + " where " + before + " has been");
    }
    newest.merge(what, line.counter(), Math::max);
  }

  private void requireTheBarrier(DeviceLine line, String guest) {
    List<String> issuing = on(line.host(), guest, ISSUES_DMA);
    List<String> frozen = on(line.host(), guest, FROZEN);
    if (!issuing.isEmpty() && !frozen.isEmpty()) {
      violate(line, issuing + " may issue DMA while frozen may be " + frozen);
    }
  }

  private List<String> on(String host, String guest, Set<String> states) {
    return hosts.get(host).entrySet().stream()
        .filter(e -> e.getValue().guest.equals(guest) && e.getValue().mayBe(states))
        .map(Map.Entry::getKey)
        .toList();
  }

  private void requireOneHost(DeviceLine line, String guest) {
    List<String> active = hostsOf(guest);
    if (active.size() > 1) {
      violate(line, guest + " is active on " + active);
    }
  }

  private List<String> hostsOf(String guest) {
    return hosts.entrySet().stream()
        .filter(h ->
            h.getValue().values().stream()
                .anyMatch(d -> d.guest.equals(guest) && d.certainlyChanges()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private void violate(DeviceLine line, String what) {
    violations.add(line.host() + " " + line.device() + " at " + line.nanos() + ": " + what);
  }

  /** Everything that must never be, and was. */
  public List<String> violations() {
    return new ArrayList<>(violations);
  }

  public long lines() {
    return lines;
  }

  /** The host on which every device of that guest runs, or null. */
  @Nullable String runsOn(String guest, int devices) {
    for (var host : hosts.entrySet()) {
      long running =
          host.getValue().values().stream()
              .filter(d -> d.guest.equals(guest) && d.heading == null)
              .filter(d -> d.state.equals("RUNNING"))
              .count();
      if (running == devices) {
        return host.getKey();
      }
    }
    return null;
  }

  /** Whether that device is in the middle of this hop. */
  boolean isMoving(String host, String device, String from, String to) {
    Seen seen = hosts.getOrDefault(host, new TreeMap<>()).get(device);
    return seen != null && seen.state.equals(from) && to.equals(seen.heading);
  }

  /** How many devices of that host are in that state, holding that guest's state. */
  long count(String host, String guest, String state) {
    return hosts.getOrDefault(host, new TreeMap<>()).values().stream()
        .filter(d -> d.guest.equals(guest) && d.heading == null && d.state.equals(state))
        .count();
  }

  /** How all devices were last seen. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    hosts.forEach((host, devices) ->
        devices.forEach((device, seen) ->
            text.append('\n')
                .append(host)
                .append(' ')
                .append(device)
                .append(' ')
                .append(seen.state)
                .append(seen.heading == null ? "" : "->" + seen.heading)
                .append(' ')
                .append(seen.guest)));
    return text.toString();
  }
}

package io.fermata.steps;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** How things really are: the devices, what they hold, and the rules S1 to S4 over them. */
final class Truth {
  private final List<Thing> things = new ArrayList<>();
  private final Map<DeviceName, Long> newest = new TreeMap<>();
  private final Set<DeviceName> dead = new TreeSet<>();
  private final Set<String> guests = new TreeSet<>();
  private long versions;

  void add(Thing thing) {
    things.add(thing);
  }

  /** The guest's state is in this device from the beginning. */
  void born(Thing thing) {
    versions++;
    thing.content = versions;
    newest.put(thing.name, versions);
    guests.add(thing.host);
  }

  void enter(Thing thing, DeviceState to) {
    DeviceState from = thing.state;
    thing.state = to;
    Long held = thing.content;
    if (held != null && to == DeviceState.ERROR) {
      dead.add(thing.name);
    } else if (held != null && to.mayChange() != from.mayChange()) {
      if (to.mayChange() && !held.equals(newest.get(thing.name))) {
        throw new Broken("S3 NoStaleState", thing + " runs, newest is " + newest);
      }
      versions++;
      thing.content = versions;
      newest.put(thing.name, versions);
    }
    if (to == DeviceState.RESUMING) {
      thing.content = null;
      thing.image = null;
    } else if (from == DeviceState.RESUMING) {
      thing.content = thing.image;
      thing.image = null;
    }
    check();
  }

  void wipe(Thing thing) {
    thing.state = DeviceState.RUNNING;
    thing.content = null;
    thing.image = null;
    check();
  }

  void guest(String host, boolean runs) {
    boolean changed = runs ? guests.add(host) : guests.remove(host);
    if (changed) {
      check();
    }
  }

  boolean guestRuns(String host) {
    return guests.contains(host);
  }

  /** Whether a device took what it held with it. */
  boolean anyDead() {
    return !dead.isEmpty();
  }

  /** The host on which the whole guest runs, or null. */
  @Nullable String runsOn() {
    String found = null;
    for (String host : guests) {
      List<Thing> set = set(host);
      boolean whole =
          set.size() == newest.size() && set.stream().allMatch(t -> t.state == DeviceState.RUNNING);
      found = whole ? host : found;
    }
    return found;
  }

  private List<Thing> set(String host) {
    return things.stream().filter(t -> t.host.equals(host) && t.content != null).toList();
  }

  private void check() {
    Set<String> active = new TreeSet<>();
    for (Thing thing : things) {
      if (thing.content != null) {
        besides(thing);
        if (thing.state.mayChange()) {
          active.add(thing.host);
        }
        if (guests.contains(thing.host)
            && !thing.state.mayIssueDma()
            && thing.state != DeviceState.ERROR) {
          throw new Broken("S1 GuestStandsStill", "vCPUs run beside " + thing);
        }
      }
    }
    if (active.size() > 1) {
      throw new Broken("S2 NeverTwoActive", active + " " + things);
    }
    newest.forEach((name, version) -> {
      boolean held = things.stream().anyMatch(t -> Objects.equals(t.content, version));
      if (!held && !dead.contains(name)) {
        throw new Broken("S4 NoStateLost", name + " version " + version + ", " + things);
      }
    });
  }

  private void besides(Thing frozen) {
    for (Thing other : things) {
      boolean together = other.content != null && other != frozen && other.host.equals(frozen.host);
      if (together && frozen.state.mayBeFrozen() && other.state.mayIssueDma()) {
        throw new Broken("S1 BarrierHolds", frozen + " beside " + other);
      }
    }
  }

  @Override
  public String toString() {
    return things + " guests " + guests;
  }
}

package io.fermata.simulation;

import io.fermata.device.DeviceState;
import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimSpec.DevicePair;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The actions of one migration so far, and as much of its state as it takes to name the next one.
 * It follows what happens; it never asks whether it may: that is the model's part.
 */
final class Actions {
  private static final List<String> CLASSES = List.of("RUN", "P2P", "STOP");

  private final List<Line> lines = new ArrayList<>();
  private final List<Stop> stops = new ArrayList<>();
  private final SortedMap<Side, SortedMap<String, String>> names = new TreeMap<>();
  private final SortedMap<Side, SortedMap<String, Integer>> at = new TreeMap<>();
  private final SortedMap<Side, HostName> hosts = new TreeMap<>();
  private final SortedSet<Side> watched = new TreeSet<>();
  private Line turnedBack = new Line("");
  private long terms = 1;
  private boolean over;
  private boolean stopping;
  private boolean sealed;
  private boolean started;
  private boolean acknowledged;
  private boolean wiped;
  private int staged;

  /** An action, and the devices whose calls ended only after it. */
  private record Line(String words, SortedSet<String> late) {
    Line(String words) {
      this(words, new TreeSet<>());
    }

    boolean turnsBack() {
      return words.startsWith("S_LeaseExpires")
          || words.startsWith("S_Abort")
          || words.startsWith("S_Crash");
    }

    @Override
    public String toString() {
      String devices = late.isEmpty() ? "-" : String.join("+", late);
      return turnsBack() ? words + " late=" + devices : words;
    }
  }

  Actions(Fact.Claimed first) {
    boolean atSource = first.side() == Side.SOURCE;
    hosts.put(Side.SOURCE, atSource ? first.spec().self() : first.spec().peer());
    hosts.put(Side.DESTINATION, atSource ? first.spec().peer() : first.spec().self());
    for (Side side : Side.values()) {
      names.put(side, new TreeMap<>());
      at.put(side, new TreeMap<>());
    }
    for (DevicePair pair : first.spec().devices()) {
      String name = "d" + (names.get(Side.SOURCE).size() + 1);
      names.get(Side.SOURCE).put(pair.source().value(), name);
      names.get(Side.DESTINATION).put(pair.destination().value(), name);
      at.get(Side.SOURCE).put(name, 0);
      at.get(Side.DESTINATION).put(name, 2);
    }
  }

  /** The host of that side is gone for ever. */
  void lost(Side side) {
    add("H_Lost h=" + (side == Side.SOURCE ? "S" : "t"));
    leave(side);
  }

  /** Something happened that the model leaves out. */
  void ends() {
    over = true;
  }

  int devices() {
    return names.get(Side.SOURCE).size();
  }

  List<String> lines() {
    return lines.stream().map(Line::toString).toList();
  }

  Side side(HostName host) {
    return host.equals(hosts.get(Side.SOURCE)) ? Side.SOURCE : Side.DESTINATION;
  }

  boolean isStarted() {
    return started;
  }

  private void add(String words) {
    if (!over) {
      lines.add(new Line(words));
    }
  }

  /** From now on the devices of that side count, as they are and as they move. */
  void watch(Side side, List<Truth.Thing> things) {
    watched.add(side);
    over |= side == Side.SOURCE && things.stream().anyMatch(this::isBlank);
    look(things);
  }

  /** A set that has lost some of its state before is none that runs. */
  private boolean isBlank(Truth.Thing thing) {
    return thing.content() == null
        && thing.host().equals(hosts.get(Side.SOURCE))
        && names.get(Side.SOURCE).containsKey(thing.name());
  }

  void leave(Side side) {
    watched.remove(side);
  }

  void stopped(long epoch, Stop stop) {
    if (stopping) {
      turnBack("S_LeaseExpires");
    }
    term(epoch);
    stops.add(stop);
    add("S_Quiesce e=" + epoch + " g=" + stops.size());
    stopping = true;
  }

  void sealed(long epoch, Stop stop) {
    term(epoch);
    add("S_Seal e=" + epoch + " g=" + number(stop) + " t=t");
    sealed = true;
  }

  void unsealed(long epoch, Stop stop) {
    term(epoch);
    add("S_Unseal e=" + epoch + " g=" + number(stop) + " t=t");
    sealed = false;
    stopping = false;
  }

  void released(Stop stop) {
    add("S_Release g=" + number(stop) + " t=t");
    leave(Side.SOURCE);
  }

  /** The source wants its devices back, or does not; an epoch of 0 is its own wish. */
  void heads(boolean back, long epoch) {
    if (stopping && back) {
      term(epoch);
      turnBack(epoch == 0 ? "S_LeaseExpires" : "S_Abort e=" + epoch);
    }
  }

  private void turnBack(String words) {
    add(words);
    turnedBack = lines.isEmpty() ? turnedBack : lines.getLast();
    stopping = false;
  }

  void crashed(Side side) {
    if (side == Side.DESTINATION) {
      add("T_Crash t=t kept=" + (started ? "TRUE" : "FALSE"));
      over |= started && wiped; // only the process knew of the reset: decision 70
    } else if (stopping && !sealed) {
      turnBack("S_Crash");
    } else {
      add("S_Crash");
    }
  }

  void staged(Stop stop) {
    int g = number(stop);
    if (staged < g) {
      staged = g;
      add("T_Stage t=t g=" + g);
    }
  }

  void started(long epoch, Stop stop) {
    term(epoch);
    add("T_Start e=" + epoch + " g=" + number(stop) + " t=t");
    started = true;
  }

  void acknowledged() {
    if (!acknowledged) {
      acknowledged = true;
      add("T_AckStart t=t");
    }
  }

  /** A stop was given up: after its start, at a request of that epoch, or (0) unasked. */
  void voided(long epoch, Stop stop) {
    if (started) {
      add("T_Revert t=t");
      started = false;
      leave(Side.DESTINATION);
    } else if (epoch > 0) {
      term(epoch);
      add("T_Void e=" + epoch + " g=" + number(stop) + " t=t");
    } else {
      add("T_VoidAtWill g=" + number(stop) + " t=t");
    }
  }

  void abandoned() {
    add("T_GiveUp t=t");
  }

  /** Each device of a watched side that is in another class than before has stepped. */
  void look(List<Truth.Thing> things) {
    for (Truth.Thing thing : things) {
      for (Side side : watched) {
        String name = names.get(side).get(thing.name());
        if (name != null && thing.host().equals(hosts.get(side)) && !over) {
          wiped |= isWiped(side, thing);
          look(side, name, isWiped(side, thing) ? DeviceState.STOP : thing.state());
        }
      }
    }
  }

  /** One that somebody else reset is in RUNNING, with nothing of the set in it: nothing moved. */
  private static boolean isWiped(Side side, Truth.Thing thing) {
    return side == Side.DESTINATION && thing.content() == null;
  }

  private void look(Side side, String name, DeviceState state) {
    int to = rank(state);
    int from = at.get(side).get(name);
    if (to < 0) {
      over = true; // the model knows no ERROR
    } else if (to != from) {
      at.get(side).put(name, to);
      boolean late = side == Side.SOURCE && to > from && !stopping && turnedBack.turnsBack();
      if (late) {
        turnedBack.late().add(name);
        add("S_LateStep d=" + name + " to=" + CLASSES.get(to));
      } else {
        step(side, name, from, to);
      }
    }
  }

  /** A device without P2P goes through that class all the same. */
  private void step(Side side, String name, int from, int to) {
    String start = side == Side.SOURCE ? "S_DeviceStep d=" : "T_DeviceStep t=t d=";
    if (Math.abs(from - to) > 1) {
      add(start + name + " to=P2P");
    }
    add(start + name + " to=" + CLASSES.get(to));
  }

  private static int rank(DeviceState state) {
    return switch (state) {
      case RUNNING, PRE_COPY -> 0;
      case RUNNING_P2P, PRE_COPY_P2P -> 1;
      case STOP, STOP_COPY, RESUMING -> 2;
      case ERROR, UNKNOWN -> -1;
    };
  }

  /** The model counts stops as the source handed them out; one that it never did has no number. */
  private int number(Stop stop) {
    return stops.lastIndexOf(stop) + 1;
  }

  /** Terms that nobody has shown so far were won before this one. */
  private void term(long epoch) {
    for (; terms < epoch; terms++) {
      add("O_TakeOver");
    }
  }
}

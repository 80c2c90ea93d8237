package io.fermata.steps;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.handover.HostName;
import io.fermata.migration.Order;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One run: two hosts, an orchestrator and its journal, played on one thread in one order. Time goes
 * on only when nothing is left to do at its moment.
 */
final class Stage {
  static final long MILLI = 1_000_000;
  static final String SOURCE = "host-a";
  static final String DESTINATION = "host-b";
  private static final long START = 1_000_000 * MILLI;
  private static final long LONGEST = 120_000 * MILLI;
  private static final long FLAGGED = 15_000 * MILLI;
  private static final int STEPS_MOST = 20_000;
  private static final int LAST_WORDS = 60;

  private final PriorityQueue<Due> queue = new PriorityQueue<>();
  private final TreeMap<Integer, Mark> marks = new TreeMap<>();
  private final List<Step> steps = new ArrayList<>();
  private final Deque<String> trace = new ArrayDeque<>();
  private final TreeMap<String, Host> hosts = new TreeMap<>();
  private final Recipe recipe;
  final Truth truth = new Truth();
  final Rows rows;
  final Orchestrators orchestrators;
  private long now = START;
  private long order;
  private int numbers;

  private record Due(long at, long order, Runnable what) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private Stage(Recipe recipe, Rows rows) {
    this.recipe = recipe;
    this.rows = rows;
    recipe.marks().forEach(mark -> marks.put(mark.step(), mark));
    hosts.put(SOURCE, new Host(this, SOURCE));
    hosts.put(DESTINATION, new Host(this, DESTINATION));
    orchestrators = new Orchestrators(this);
  }

  /**
   * Plays the run to its end.
   *
   * @return its steps
   * @throws AssertionError if a rule is broken, or the run does not settle
   */
  static List<Step> play(Recipe recipe, Rows rows) {
    Stage stage = new Stage(recipe, rows);
    try {
      stage.play();
      return stage.steps;
    } catch (RuntimeException | AssertionError e) {
      String last = String.join("\n  ", stage.trace);
      throw new AssertionError(recipe + "\n  " + last + "\n" + stage.truth + "\n" + e, e);
    }
  }

  private void play() {
    hosts.values().forEach(Host::boot);
    orchestrators.begin(theOrder());
    while (!settled()) {
      Due next = queue.remove();
      now = Math.max(now, next.at()) + 1;
      if (now > START + LONGEST) {
        throw new Broken("L3 Termination", "not settled: " + orchestrators.words() + " " + hosts);
      }
      next.what().run();
      if (numbers > STEPS_MOST) {
        throw new Broken("L5 NoStorm", numbers + " steps and no end: " + orchestrators.words());
      }
    }
  }

  /** Over, on the evidence: the journal has an outcome, and the set runs where that says. */
  private boolean settled() {
    boolean over = orchestrators.ended() && hosts.values().stream().allMatch(Host::atRest);
    if (!over) {
      return truth.anyDead() && now > START + FLAGGED; // flagged: no protocol can settle it
    }
    String expected = orchestrators.succeeded() ? DESTINATION : SOURCE;
    String found = truth.runsOn();
    if (!expected.equals(found) && !truth.anyDead()) {
      throw new Broken("S8 OutcomeIsProven", expected + " is told to run the set, not " + found);
    }
    return true;
  }

  Story story() {
    return recipe.story();
  }

  private Order theOrder() {
    List<Order.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < story().set().size(); i++) {
      DeviceName name = device(i);
      pairs.add(new Order.Pair(name, name));
    }
    return new Order(
        "vm",
        new HostName(SOURCE),
        new HostName(DESTINATION),
        pairs,
        new Order.PreCopyTerms(story().preCopies(), 1, 1 << 20),
        story().budgetMillis(),
        Order.OnBudgetExceeded.ABORT,
        null,
        "user");
  }

  static DeviceName device(int number) {
    return new DeviceName("d" + number);
  }

  /** What a host holds besides the set: devices that no claim of it may take. */
  static SortedMap<DeviceName, Capabilities> strangers() {
    SortedMap<DeviceName, Capabilities> strangers = new TreeMap<>();
    strangers.put(new DeviceName("fixed"), Capabilities.ofFlags(0));
    strangers.put(new DeviceName("other"), Capabilities.ofFlags(7));
    strangers.put(new DeviceName("rude"), Capabilities.ofFlags(1));
    return strangers;
  }

  long now() {
    return now;
  }

  void at(long when, Runnable what) {
    order++;
    queue.add(new Due(when, order, what));
  }

  void soon(Runnable what) {
    at(now, what);
  }

  Host host(String name) {
    Host host = hosts.get(name);
    if (host == null) {
      throw new IllegalArgumentException(name + " is on no stage");
    }
    return host;
  }

  Host other(Host one) {
    return host(one.name.equals(SOURCE) ? DESTINATION : SOURCE);
  }

  /** The next step; what is to be done to it, or null. */
  @Nullable Disturbance step(String place, String came, String host, Set<Disturbance> ends) {
    int number = numbers++;
    Set<Disturbance> possible = EnumSet.noneOf(Disturbance.class);
    possible.addAll(ends);
    String row = place + " | " + came;
    steps.add(new Step(number, row, place, host, possible));
    Mark mark = marks.get(number);
    note("#" + number + " " + row + (mark == null ? "" : "   <== " + mark));
    return mark instanceof Mark.Disturbed disturbed ? disturbed.by() : null;
  }

  /** What the host is asked before the turn that comes now, or null. */
  @Nullable String strayBefore(Host host) {
    boolean due =
        marks.get(numbers) instanceof Mark.Strayed strayed && strayed.host().equals(host.name);
    return due && marks.remove(numbers) instanceof Mark.Strayed strayed ? strayed.stray() : null;
  }

  void note(String what) {
    if (trace.size() == LAST_WORDS) {
      trace.removeFirst();
    }
    trace.add((now - START) / 1000 + " us " + what);
  }
}

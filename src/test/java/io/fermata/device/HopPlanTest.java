package io.fermata.device;

import static io.fermata.device.DeviceState.PRE_COPY;
import static io.fermata.device.DeviceState.PRE_COPY_P2P;
import static io.fermata.device.DeviceState.RUNNING;
import static io.fermata.device.DeviceState.RUNNING_P2P;
import static io.fermata.device.DeviceState.STOP;
import static io.fermata.device.DeviceState.STOP_COPY;
import static io.fermata.device.DeviceState.UNKNOWN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class HopPlanTest {
  private static final List<Integer> WITH_P2P = List.of(3, 7);

  /**
   * Every set of up to three P2P devices, every mix of states it can get into by planned hops,
   * every interleaving.
   */
  @Test
  void noOrderOfPlannedHopsEverBreaksTheBarrier() {
    int visited = 0;
    for (int a : WITH_P2P) {
      for (int b : WITH_P2P) {
        for (int c : WITH_P2P) {
          visited += explore(List.of(a, b, c));
        }
      }
    }
    assertTrue(visited > 10_000, "only " + visited + " mixes explored");
  }

  @Test
  void everyPlannedHopIsADirectArc() {
    for (int flags : List.of(1, 3, 5, 7)) {
      Capabilities offered = Capabilities.ofFlags(flags);
      for (DeviceState state : DeviceState.values()) {
        for (Goal goal : Goal.values()) {
          HopPlan.next(goal, List.of(member(0, flags, state)))
              .values()
              .forEach(hop -> assertTrue(hop.objection(offered).isEmpty(), goal + " " + hop));
        }
      }
    }
  }

  @Test
  void everyGoalIsReachedFromEveryStateThatLeadsThere() {
    Goal[] forward = {Goal.PRE_COPY, Goal.QUIESCED, Goal.FROZEN, Goal.COPYING, Goal.RUNNING};
    for (int flags : List.of(3, 7)) {
      List<Member> set = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        set.add(member(i, flags, RUNNING));
      }
      for (Goal goal : forward) {
        set = drive(goal, set);
        assertTrue(HopPlan.reached(goal, set), goal + " " + set);
      }
    }
  }

  @Test
  void aSingleDeviceWithoutP2pIsStoppedDirectly() {
    List<Member> alone = List.of(member(0, 5, PRE_COPY));
    assertTrue(HopPlan.reached(Goal.QUIESCED, alone));
    assertEquals(Map.of(name(0), new Hop(PRE_COPY, STOP_COPY)), HopPlan.next(Goal.FROZEN, alone));
  }

  @Test
  void aFreezeWaitsForTheLastQuiesceEvenInFlight() {
    Member quiesced = member(0, 3, RUNNING_P2P);
    Member late = member(1, 3, RUNNING).heading(RUNNING_P2P);
    assertTrue(HopPlan.next(Goal.FROZEN, List.of(quiesced, late)).isEmpty());
    Member arrived = member(1, 3, RUNNING_P2P);
    assertEquals(2, HopPlan.next(Goal.FROZEN, List.of(quiesced, arrived)).size());
  }

  @Test
  void anUnknownDeviceLetsNobodyFreezeAndNobodyRun() {
    Member lost = member(0, 3, UNKNOWN);
    assertTrue(HopPlan.next(Goal.FROZEN, List.of(lost, member(1, 3, RUNNING_P2P))).isEmpty());
    assertTrue(HopPlan.next(Goal.RUNNING, List.of(lost, member(1, 3, RUNNING_P2P))).isEmpty());
    assertEquals(
        Map.of(name(1), new Hop(STOP, RUNNING_P2P)),
        HopPlan.next(Goal.RUNNING, List.of(lost, member(1, 3, STOP))),
        "it may still come up to where it only listens");
  }

  @Test
  void aHeldDeviceIsLeftAloneAndStillCounts() {
    Member held = new Member(name(0), Capabilities.ofFlags(3), RUNNING, null, true);
    assertTrue(HopPlan.next(Goal.FROZEN, List.of(held, member(1, 3, RUNNING_P2P))).isEmpty());
    assertFalse(HopPlan.reached(Goal.QUIESCED, List.of(held)));
  }

  @Test
  void aCombinationArcIsRefusedWithTheGatesThatItCrosses() {
    String reason =
        new Hop(RUNNING, STOP_COPY).objection(Capabilities.ofFlags(7)).orElse("no objection");
    assertTrue(reason.contains("[RUNNING_P2P, STOP]"), reason);
    assertTrue(reason.contains("quiesced frozen"), reason);
    String back = new Hop(STOP, RUNNING).objection(Capabilities.ofFlags(3)).orElse("no objection");
    assertTrue(back.contains("thawed running"), back);
    assertTrue(new Hop(PRE_COPY_P2P, STOP_COPY).objection(Capabilities.ofFlags(7)).isEmpty());
    String never =
        new Hop(STOP_COPY, PRE_COPY).objection(Capabilities.ofFlags(7)).orElse("no objection");
    assertTrue(never.contains("no way"), never);
  }

  private static int explore(List<Integer> flags) {
    Set<List<Member>> seen = new HashSet<>();
    Deque<List<Member>> open = new ArrayDeque<>();
    List<Member> start = new ArrayList<>();
    for (int i = 0; i < flags.size(); i++) {
      start.add(member(i, flags.get(i), RUNNING));
    }
    open.add(start);
    while (!open.isEmpty()) {
      List<Member> now = open.remove();
      if (seen.add(now)) {
        assertFalse(violated(now), "barrier broken at " + now);
        for (Goal goal : Goal.values()) {
          Map<DeviceName, Hop> hops = HopPlan.next(goal, now);
          open.addAll(someIssued(now, hops));
        }
        open.addAll(someLanded(now));
      }
    }
    return seen.size();
  }

  private static List<List<Member>> someIssued(List<Member> now, Map<DeviceName, Hop> hops) {
    List<List<Member>> next = new ArrayList<>();
    List<Member> all = new ArrayList<>(now);
    all.replaceAll(m -> {
      Hop hop = hops.get(m.name());
      return hop == null ? m : m.heading(hop.to());
    });
    if (!hops.isEmpty()) {
      next.add(all);
    }
    return next;
  }

  private static List<List<Member>> someLanded(List<Member> now) {
    List<List<Member>> next = new ArrayList<>();
    for (int i = 0; i < now.size(); i++) {
      DeviceState heading = now.get(i).heading();
      if (heading != null) {
        List<Member> landed = new ArrayList<>(now);
        landed.set(i, Member.at(now.get(i).name(), now.get(i).offered(), heading));
        next.add(landed);
        List<Member> failed = new ArrayList<>(now);
        failed.set(i, Member.at(now.get(i).name(), now.get(i).offered(), now.get(i).state()));
        next.add(failed);
      }
    }
    return next;
  }

  private static boolean violated(List<Member> set) {
    Map<DeviceName, DeviceState> states = new TreeMap<>();
    set.forEach(m -> states.put(m.name(), m.state()));
    return HopPlan.violated(states);
  }

  private static List<Member> drive(Goal goal, List<Member> set) {
    List<Member> now = set;
    for (Map<DeviceName, Hop> hops = HopPlan.next(goal, now);
        !hops.isEmpty();
        hops = HopPlan.next(goal, now)) {
      Map<DeviceName, Hop> issued = hops;
      now =
          now.stream()
              .map(m -> {
                Hop hop = issued.get(m.name());
                return hop == null ? m : Member.at(m.name(), m.offered(), hop.to());
              })
              .toList();
    }
    return now;
  }

  private static Member member(int index, int flags, DeviceState state) {
    return Member.at(name(index), Capabilities.ofFlags(flags), state);
  }

  private static DeviceName name(int index) {
    return new DeviceName("d" + index);
  }
}

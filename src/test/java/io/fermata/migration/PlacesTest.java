package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.handover.MigrationId;
import io.fermata.migration.Limits.Scope;
import io.fermata.migration.Places.Decided;
import io.fermata.migration.Places.Question;
import io.fermata.migration.Places.Rules;
import io.fermata.migration.Places.Seat;
import io.fermata.migration.Places.Stage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who may start and who may go dark. */
class PlacesTest {
  private static final int MUCH = Limits.MOST;
  private static final long AGING = 1_000;
  private static final List<Priority> PRIORITIES = List.of(Priority.values());

  @Test
  void eachLimitHoldsAndIsNamedWithItsHolders() {
    record Case(Limits limits, Scope scope, String where) {}
    for (Case c :
        List.of(
            new Case(new Limits(1, MUCH, MUCH, MUCH, MUCH, MUCH), Scope.CLUSTER, null),
            new Case(new Limits(MUCH, 1, MUCH, MUCH, MUCH, MUCH), Scope.SOURCE, "a"),
            new Case(new Limits(MUCH, MUCH, 1, MUCH, MUCH, MUCH), Scope.DESTINATION, "b"),
            new Case(new Limits(MUCH, MUCH, MUCH, 1, MUCH, MUCH), Scope.PAIR, "a→b"))) {
      Decided decided = decide(c.limits(), 0, started("m1"), waits("m2", 5));
      assertEquals(List.of(), decided.starts(), c.toString());
      var wait = decided.waits().get(id("m2"));
      assertEquals(c.scope(), wait.scope());
      assertEquals(c.where(), wait.where());
      assertEquals(1, wait.position());
      assertEquals(1, wait.limit());
      assertEquals(1, wait.inUse());
      assertEquals(List.of(id("m1")), wait.holders());
    }
  }

  @Test
  void whoCannotStartHoldsUpNobodyElse() {
    var limits = new Limits(MUCH, 1, MUCH, MUCH, MUCH, MUCH);
    Decided decided =
        decide(limits, 0, started("m1"), waits("m2", 1), seat("m3", "c", "b", "x", 2));
    assertEquals(List.of(id("m3")), decided.starts());
  }

  @Test
  void whoStartsHasItsPlacesBeforeTheNextIsLookedAt() {
    for (Limits limits :
        List.of(
            new Limits(1, MUCH, MUCH, MUCH, MUCH, MUCH),
            new Limits(MUCH, 1, MUCH, MUCH, MUCH, MUCH),
            new Limits(MUCH, MUCH, 1, MUCH, MUCH, MUCH),
            new Limits(MUCH, MUCH, MUCH, 1, MUCH, MUCH))) {
      Decided decided = decide(limits, 0, waits("m1", 0), waits("m2", 1));
      assertEquals(List.of(id("m1")), decided.starts(), limits.toString());
    }
  }

  @Test
  void whoIsParkedHoldsNothing() {
    Seat parked = new Seat(id("m1"), "a", "b", Priority.USER, "x", 0, Stage.PARKED, 0);
    assertEquals(List.of(id("m2")), decide(cluster(1), 0, parked, waits("m2", 1)).starts());
  }

  @Test
  void aPauseStopsStartsAndLetsTheDarkGoOn() {
    var question =
        new Question(
            List.of(waits("m1", 0), ready("m2", 0)), new Rules(cluster(9), AGING), true, 0);
    Decided decided = Places.decide(question);
    assertEquals(List.of(), decided.starts());
    assertEquals(List.of(id("m2")), decided.darkenings());
    assertNull(decided.waits().get(id("m1")).scope());
  }

  @Test
  void theHigherPriorityIsFirstUntilTheLowerHasWaited() {
    Seat low = seat("m1", "a", "b", "x", 0, Priority.BACKGROUND);
    Seat high = seat("m2", "a", "b", "y", 2_900, Priority.USER);
    assertEquals(List.of(id("m2")), decide(cluster(1), 500, low, high).starts());
    // after two agings it is a user's too, and older
    assertEquals(List.of(id("m1")), decide(cluster(1), 2_950, low, high).starts());
  }

  @Test
  void anEmergencyIsFirstExceptForWhoIsOverdue() {
    Seat overdue = seat("m1", "a", "b", "x", 0, Priority.BACKGROUND);
    Seat emergency = seat("m2", "a", "b", "y", 3_999, Priority.EMERGENCY);
    assertEquals(List.of(id("m2")), decide(cluster(1), 2_500, overdue, emergency).starts());
    assertEquals(List.of(id("m1")), decide(cluster(1), 4_000, overdue, emergency).starts());
  }

  @Test
  void callersTakeTurns() {
    List<Seat> seats = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      seats.add(seat("m" + i, "a", "b", "greedy", i));
    }
    seats.add(seat("m8", "a", "b", "late", 50));
    Decided decided = Places.decide(question(cluster(2), 60, seats));
    assertEquals(List.of(id("m0"), id("m8")), decided.starts());
    assertEquals(1, decided.waits().get(id("m1")).position());
  }

  @Test
  void ofCallersWithAsManyTheOneWhoseFirstIsTheOldestIsNext() {
    Seat older = seat("m1", "a", "b", "zoe", 0);
    Seat younger = seat("m2", "a", "b", "ann", 5);
    assertEquals(List.of(id("m1")), decide(cluster(1), 9, older, younger).starts());
  }

  @Test
  void aBlackoutIsGivenByPriorityBeforeAge() {
    var limits = new Limits(MUCH, MUCH, MUCH, MUCH, 1, MUCH);
    Seat old = darkens("m1", Priority.BACKGROUND, 3);
    Seat urgent = darkens("m2", Priority.EMERGENCY, 5);
    assertEquals(List.of(id("m2")), decide(limits, 10, old, urgent).darkenings());
  }

  private static Seat darkens(String id, Priority priority, long since) {
    return new Seat(id(id), "a", "b", priority, "x", 0, Stage.WAITS_TO_DARKEN, since);
  }

  @Test
  void placesAtTheHostsOfTheOverdueAreKeptAndThoseOfTheClusterAreNot() {
    var limits = new Limits(MUCH, 1, 1, MUCH, MUCH, MUCH);
    Seat source = seat("m1", "a", "z", "x", 0, Stage.STARTED);
    Seat overdue = seat("m2", "a", "b", "x", 0);
    Seat younger = seat("m3", "c", "b", "x", 5_000);
    Seat elsewhere = seat("m4", "d", "e", "x", 5_000);
    Decided decided = decide(limits, 5_000, source, overdue, younger, elsewhere);
    assertEquals(List.of(id("m4")), decided.starts());
    assertEquals(Scope.DESTINATION, decided.waits().get(id("m3")).scope());
    Decided before = decide(limits, 100, source, overdue, younger, elsewhere);
    assertTrue(before.starts().contains(id("m3")));
  }

  @Test
  void theDarkAreCountedAndTheNextIsTheMostUrgent() {
    var limits = new Limits(MUCH, MUCH, MUCH, MUCH, 1, MUCH);
    Seat dark = seat("m1", "a", "b", "x", 0, Stage.DARK);
    Decided full = decide(limits, 10, dark, ready("m2", 5), ready("m3", 3));
    assertEquals(List.of(), full.darkenings());
    assertEquals(Scope.BLACKOUT, full.waits().get(id("m2")).scope());
    assertEquals(2, full.waits().get(id("m2")).position());
    assertEquals(List.of(id("m1")), full.waits().get(id("m2")).holders());
    assertEquals(
        List.of(id("m3")), decide(limits, 10, ready("m2", 5), ready("m3", 3)).darkenings());
  }

  @Test
  void aLoweredLimitStopsNobodyAndLetsNobodyIn() {
    Decided decided = decide(cluster(1), 0, started("m1"), started("m2"), waits("m3", 0));
    assertEquals(List.of(), decided.starts());
    assertEquals(2, decided.waits().get(id("m3")).inUse());
  }

  /** Random traffic: no limit is ever exceeded, the queue's places are 1 to n, everybody starts. */
  @Test
  @Tag("slow")
  void noLimitIsExceededAndNobodyStarves() {
    for (int seed = 0; seed < 60; seed++) {
      traffic(new SplittableRandom(seed), "seed " + seed);
    }
  }

  private static void traffic(SplittableRandom random, String seed) {
    var limits =
        new Limits(
            1 + random.nextInt(6),
            1 + random.nextInt(3),
            1 + random.nextInt(3),
            1 + random.nextInt(2),
            1 + random.nextInt(2),
            MUCH);
    TreeMap<MigrationId, Seat> open = new TreeMap<>();
    Map<MigrationId, Long> ends = new TreeMap<>();
    int made = 0;
    for (long now = 0; now < 60_000 || !open.isEmpty(); now += 100) {
      assertTrue(now < 2_000_000, seed + ": never over, left " + open.keySet());
      // one background migration against a stream of others, for the first minute
      if (now < 60_000 && random.nextInt(3) == 0) {
        Seat next = random(random, made++, now);
        open.put(next.id(), next);
      }
      long time = now;
      ends.entrySet().removeIf(end -> end.getValue() <= time && open.remove(end.getKey()) != null);
      open.replaceAll((id, s) -> readyAtTimes(s, random, time));
      Decided decided = Places.decide(question(limits, now, List.copyOf(open.values())));
      decided.starts().forEach(id -> open.put(id, at(open.get(id), Stage.STARTED, time)));
      for (MigrationId id : decided.darkenings()) {
        open.put(id, at(open.get(id), Stage.DARK, time));
        ends.put(id, now + 100 + random.nextInt(1_500));
      }
      hold(limits, open, seed + " at " + now);
      places(decided, open, seed + " at " + now);
    }
  }

  private static void hold(Limits limits, Map<MigrationId, Seat> open, String when) {
    List<Seat> started =
        open.values().stream().filter(s -> s.stage() != Stage.WAITS_TO_START).toList();
    assertTrue(started.size() <= limits.cluster(), when);
    most(started, Seat::source, limits.perSource(), when);
    most(started, Seat::destination, limits.perDestination(), when);
    most(started, Seat::pair, limits.perPair(), when);
    long dark = started.stream().filter(s -> s.stage() == Stage.DARK).count();
    assertTrue(dark <= limits.blackouts(), when);
  }

  private static void most(
      List<Seat> seats, java.util.function.Function<Seat, String> by, int limit, String when) {
    seats.stream()
        .collect(Collectors.groupingBy(by, Collectors.counting()))
        .forEach((key, count) -> assertTrue(count <= limit, when + ": " + key + " " + count));
  }

  private static void places(Decided decided, Map<MigrationId, Seat> open, String when) {
    List<Integer> positions = new ArrayList<>();
    for (Seat seat : open.values()) {
      if (seat.stage() == Stage.WAITS_TO_START) {
        assertNotNull(decided.waits().get(seat.id()).scope(), when);
        positions.add(decided.waits().get(seat.id()).position());
      }
    }
    positions.sort(null);
    for (int i = 0; i < positions.size(); i++) {
      assertEquals(i + 1, positions.get(i), when);
    }
  }

  private static Seat readyAtTimes(Seat seat, SplittableRandom random, long now) {
    return seat.stage() == Stage.STARTED && random.nextInt(8) == 0
        ? at(seat, Stage.WAITS_TO_DARKEN, now)
        : seat;
  }

  private static Seat random(SplittableRandom random, int number, long now) {
    String source = "h" + random.nextInt(4);
    String destination = "h" + (4 + random.nextInt(3));
    Priority priority = PRIORITIES.get(random.nextInt(PRIORITIES.size()));
    String id = "m" + number;
    return seat(id, source, destination, "caller" + random.nextInt(3), now, priority);
  }

  private static Seat at(Seat s, Stage stage, long since) {
    return new Seat(
        s.id(), s.source(), s.destination(), s.priority(), s.caller(), s.created(), stage, since);
  }

  private static Limits cluster(int most) {
    return Limits.ofCluster(most);
  }

  private static Decided decide(Limits limits, long now, Seat... seats) {
    return Places.decide(question(limits, now, Arrays.asList(seats)));
  }

  private static Question question(Limits limits, long now, List<Seat> seats) {
    return new Question(seats, new Rules(limits, AGING), false, now);
  }

  private static Seat started(String id) {
    return seat(id, "a", "b", "x", 0, Stage.STARTED);
  }

  private static Seat waits(String id, long created) {
    return seat(id, "a", "b", "x", created);
  }

  private static Seat ready(String id, long since) {
    return new Seat(id(id), "a", "b", Priority.USER, "x", 0, Stage.WAITS_TO_DARKEN, since);
  }

  private static Seat seat(String id, String from, String to, String caller, long created) {
    return seat(id, from, to, caller, created, Priority.USER);
  }

  private static Seat seat(
      String id, String from, String to, String caller, long created, Priority priority) {
    return new Seat(id(id), from, to, priority, caller, created, Stage.WAITS_TO_START, 0);
  }

  private static Seat seat(
      String id, String from, String to, String caller, long created, Stage stage) {
    return new Seat(id(id), from, to, Priority.USER, caller, created, stage, 0);
  }

  private static MigrationId id(String id) {
    return new MigrationId("test" + id);
  }
}

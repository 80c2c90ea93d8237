package io.fermata.drain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceState;
import io.fermata.drain.Drain.Phase;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Migration;
import io.fermata.migration.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Three orchestrators look at one drain through old copies of it, die between any two steps, and
 * answer late, while devices, agents and operators do what they like. Never has a machine two
 * migrations, never are more begun than there are slots, and in the end the drain is over or says
 * what is in its way.
 */
class NeverTwoMigrationsOfOneMachineTest {
  private static final int STEPS = 150;
  private static final int REPLICAS = 3;

  /** One life of a drain. */
  private static final class Life {
    private final Random random;
    private final Site site = new Site();
    private final int slots;
    private Drain stored;
    private final List<Drain> copies = new ArrayList<>();
    private final List<Drain> unasked = new ArrayList<>();

    Life(long seed) {
      random = new Random(seed);
      slots = 1 + random.nextInt(3);
      int machines = 1 + random.nextInt(6);
      List<String> full = new ArrayList<>();
      List<String> free = new ArrayList<>();
      for (int i = 0; i < machines; i++) {
        full.add("gpu" + i + "=vm" + i);
        full.add("nic" + i + "=vm" + i);
        free.add("gpu" + i);
        free.add("nic" + i);
      }
      site.host(Site.A, full.toArray(String[]::new));
      site.host(Site.B, free.subList(0, free.size() / 2).toArray(String[]::new));
      site.host(Site.C, free.toArray(String[]::new));
      site.cordon(Site.A, site.now - 60_000);
      stored = site.drain(Site.terms(slots));
      for (int i = 0; i < REPLICAS; i++) {
        copies.add(stored);
      }
    }

    void step() {
      site.now += random.nextInt(500);
      switch (random.nextInt(12)) {
        case 0, 1, 2, 3 -> look(random.nextInt(REPLICAS));
        case 4 -> askLate();
        case 5, 6 -> advance();
        case 7 -> site.polled();
        case 8 -> command();
        case 9 -> trouble();
        case 10 -> site.paused = random.nextInt(4) == 0;
        default -> copies.set(random.nextInt(REPLICAS), stored); // it reads again
      }
      check();
    }

    /** Reads, decides, records if nobody was faster; then asks now, later, or never. */
    private void look(int replica) {
      Drain copy = copies.get(replica);
      Drain next = site.turn(copy);
      if (!next.equals(copy) && !record(copy, next)) {
        return;
      }
      int fate = random.nextInt(3);
      if (fate == 0) {
        settle(stored);
      } else if (fate == 1) {
        unasked.add(stored);
      }
      copies.set(replica, stored);
    }

    private boolean record(Drain from, Drain next) {
      if (from.version() != stored.version() || stored.phase().ended()) {
        return false;
      }
      if (!next.phase().ended()) {
        slotsAreKept(next);
      }
      stored = next.next();
      return true;
    }

    private void slotsAreKept(Drain next) {
      long begun =
          next.moves().values().stream()
              .filter(move -> move.state() == Move.State.STARTING)
              .filter(move ->
                  !stored.moves().containsKey(move.vm())
                      || stored.moves().get(move.vm()).attempt() < move.attempt())
              .count();
      long held = next.moves().values().stream().filter(Move::holdsSlot).count();
      assertTrue(begun == 0 || held <= slots, () -> held + " of " + slots + ": " + next);
    }

    /** What is decided is asked for, by whoever recorded it, and perhaps much later. */
    private void askLate() {
      if (!unasked.isEmpty()) {
        settle(unasked.remove(random.nextInt(unasked.size())));
      }
    }

    private void settle(Drain recorded) {
      Drain asked = site.ask(recorded);
      if (!asked.equals(recorded)) {
        record(recorded, asked);
      }
    }

    private void advance() {
      List<Migration> open = site.migrations.values().stream().filter(m -> !m.ended()).toList();
      if (open.isEmpty()) {
        return;
      }
      Migration m = open.get(random.nextInt(open.size()));
      switch (random.nextInt(7)) {
        case 0, 1, 2 -> over(m, Outcome.SUCCEEDED);
        case 3 -> over(m, Outcome.FAILED);
        case 4 -> over(m, Outcome.ROLLED_BACK);
        case 5 -> site.move(m.id(), io.fermata.migration.Phase.NEEDS_OPERATOR, null);
        default -> {
          site.abort(m.id());
          over(m, Outcome.CANCELLED);
        }
      }
    }

    private void over(Migration m, Outcome outcome) {
      site.move(m.id(), io.fermata.migration.Phase.DONE, outcome);
    }

    private void command() {
      Phase phase = stored.phase();
      int wish = random.nextInt(32);
      if (phase == Phase.DRAINING && wish < 5) {
        stored = stored.in(Phase.PAUSED, null, site.now).next();
      } else if (phase == Phase.PAUSED && wish < 24) {
        stored = stored.in(Phase.DRAINING, null, site.now).next();
      } else if (!phase.ended() && phase != Phase.CANCELLING && wish == 31) {
        var cancel = new Drain.Cancel("me", null, random.nextBoolean());
        stored = stored.in(Phase.CANCELLING, cancel, site.now).next();
      }
    }

    private void trouble() {
      HostName host = List.of(Site.A, Site.B, Site.C).get(random.nextInt(3));
      AgentState state = random.nextInt(3) == 0 ? AgentState.STALE : AgentState.READY;
      site.state(host, state);
      var states = List.of(DeviceState.ERROR, DeviceState.RUNNING, DeviceState.RUNNING);
      DeviceState device = states.get(random.nextInt(3));
      site.change(Site.A, "gpu0", d -> Site.with(d, Site.ALL, device, null));
    }

    private void check() {
      Set<String> machines = new HashSet<>();
      Map<String, MigrationId> promised = new HashMap<>();
      for (Migration m : site.migrations.values()) {
        if (!m.ended()) {
          assertTrue(machines.add(m.order().vm()), () -> "two migrations of " + m.order().vm());
          m.order()
              .devices()
              .forEach(pair -> {
                String device = m.order().destination() + " " + pair.destination();
                assertEquals(null, promised.put(device, m.id()), device);
              });
        }
      }
    }

    /** All is well again, and everybody looks for as long as it takes. */
    void heal() {
      site.paused = false;
      List.of(Site.A, Site.B, Site.C).forEach(host -> site.state(host, AgentState.READY));
      site.change(Site.A, "gpu0", d -> Site.with(d, Site.ALL, DeviceState.RUNNING, null));
      for (int i = 0; i < 100 && !stored.phase().ended(); i++) {
        site.now += 1_000;
        site.polled();
        if (stored.phase() == Phase.PAUSED) {
          stored = stored.in(Phase.DRAINING, null, site.now).next();
        }
        copies.replaceAll(old -> stored);
        look(i % REPLICAS);
        check();
        settle(stored);
        site.migrations.values().stream()
            .filter(m -> !m.ended() && m.phase() != io.fermata.migration.Phase.NEEDS_OPERATOR)
            .toList()
            .forEach(m -> over(m, Outcome.SUCCEEDED));
      }
      assertTrue(
          stored.phase().ended() || !stored.everyBlocker().isEmpty(), () -> "stuck: " + stored);
      if (stored.phase() == Phase.DRAINED) {
        assertFalse(
            site.hosts.get(Site.A).devices().stream().anyMatch(d -> d.vm() != null),
            () -> "not empty: " + stored);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 20_001, 40_001, 60_001})
  void whateverHappens(long firstSeed) {
    Map<Phase, Integer> ends = new HashMap<>();
    for (long seed = firstSeed; seed < firstSeed + 100; seed++) {
      Life life = new Life(seed);
      try {
        for (int i = 0; i < STEPS; i++) {
          life.step();
        }
        life.heal();
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
      ends.merge(life.stored.phase(), 1, Integer::sum);
    }
    assertTrue(ends.getOrDefault(Phase.DRAINED, 0) > 5, ends::toString);
    assertTrue(ends.getOrDefault(Phase.CANCELLED, 0) > 5, ends::toString);
    assertTrue(ends.getOrDefault(Phase.DRAINING, 0) > 5, ends::toString);
  }
}

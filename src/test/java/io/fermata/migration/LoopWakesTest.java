package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fermata.handover.MigrationId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When the loop looks at a migration by itself. */
class LoopWakesTest extends DrivenLoop {
  @Test
  void itWakesForThePoll() {
    takesUp(in(Phase.PREPARING));
    assertEquals(1_000 + TERMS.pollMillis(), loop.nextWakeMillis());
  }

  @Test
  void itWakesAtTheDeadlineAndWhenThatIsOverAtOnce() {
    long deadline = 900 + TERMS.deadlineMillis(Phase.PREPARING);
    now = deadline - 30;
    takesUp(in(Phase.PREPARING));
    assertEquals(deadline, loop.nextWakeMillis());
    now = deadline - 1;
    loop.tick();
    work();
    assertEquals(deadline, loop.nextWakeMillis());
    now = deadline;
    loop.tick();
    work();
    assertEquals(Phase.ROLLING_BACK, phase());
  }

  @Test
  void whatIsOverdueAndStaysIsLookedAtInAMillisecond() {
    hosts = List.of();
    now = 900 + TERMS.deadlineMillis(Phase.PREPARING) + 5;
    takesUp(in(Phase.PREPARING));
    assertEquals(now + 1, loop.nextWakeMillis());
  }

  @Test
  void inTheBarrierItWakesWhenTheBudgetIsOver() {
    now = 905;
    takesUp(in(ID, Phase.FREEZING, Orders.order(1, false, 20)));
    assertEquals(921, loop.nextWakeMillis());
    assertEquals(Phase.FREEZING, phase());
    now = 921;
    loop.tick();
    work();
    assertEquals(Phase.ROLLING_BACK, phase());
  }

  @Test
  void aBudgetThatIsOverIsLookedAtInAMillisecondAndNoneWakesNobody() {
    hosts = List.of();
    now = 950;
    takesUp(in(ID, Phase.FREEZING, Orders.order(1, false, 20)));
    assertEquals(951, loop.nextWakeMillis());
    MigrationId free = new MigrationId("m0000002");
    takesUp(in(free, Phase.FREEZING, Orders.order(1, false, 0)));
    assertEquals(950 + TERMS.pollMillis(), loop.run(free).orElseThrow().wake().orElseThrow());
  }

  @Test
  void afterTheSealABudgetWakesNobody() {
    now = 905;
    takesUp(in(ID, Phase.RESUMING, Orders.order(1, false, 20)));
    assertEquals(905 + TERMS.pollMillis(), loop.nextWakeMillis());
  }

  @Test
  void whoWatchesIsToldOfAChangeOrThatHisTimeIsOver() {
    takesUp(in(Phase.PREPARING));
    List<String> seen = new ArrayList<>();
    long version = run().migration().version();
    loop.watch(ID, version, now + 20, () -> seen.add("time"));
    assertEquals(now + 20, loop.nextWakeMillis());
    loop.watch(ID, version - 1, now + 50, () -> seen.add("old"));
    assertEquals(List.of("old"), seen, "it has changed already");
    loop.watch(ID, version, now + 90, () -> seen.add("change"));
    now += 20;
    loop.tick();
    assertEquals(List.of("old", "time"), seen);
    loop.wish(run(), new Note.SwitchoverWished("ops"), "ops");
    assertEquals(List.of("old", "time", "change"), seen);
  }
}

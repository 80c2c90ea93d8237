package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.handover.MigrationId;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.Refusal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who starts, who goes dark, and what the next one gets. */
class LoopPlacesTest extends DrivenLoop {
  @Test
  void aNewOneIsToldOfAndStartsOnceItHasItsPlace() {
    limits = new Limits(1, 9, 9, 9, 9, 9);
    loop = loop();
    loop.adopt(newborn("m0000001"));
    loop.adopt(newborn("m0000002"));
    assertEquals(2, loop.queued(), "nothing is given out before the loop turns");
    work();
    assertEquals(Phase.PREPARING, phase());
    assertEquals(1, loop.queued());
    assertEquals(List.of("began m0000001", "began m0000002"), told("began"));
    assertTrue(told.contains("gave out of 1: 1"));
    assertEquals(1, told.stream().filter(t -> t.startsWith("gave out")).count(), "once for both");
  }

  private List<String> told(String word) {
    return told.stream().filter(t -> t.startsWith(word + " m")).toList();
  }

  @Test
  void whoIsKeptBackDoesNotStartUntilTheClearanceSaysSo() {
    Map<String, String> kept = new HashMap<>(Map.of("m0000001", "an agent knows more"));
    loop.clearance(
        new Clearance() {
          @Override
          public Optional<String> keepsBack(Run waiting) {
            return Optional.ofNullable(kept.get(waiting.migration().id().value()));
          }

          @Override
          public void tick(long nowMillis) {
            told.add("tick " + nowMillis);
          }

          @Override
          public long nextMillis() {
            return 1_001;
          }
        });
    loop.adopt(newborn("m0000001"));
    loop.adopt(newborn("m0000002"));
    work();
    assertEquals(Phase.QUEUED, phase());
    assertEquals(List.of("an agent knows more"), loop.live(run()).waiting());
    assertEquals(1, loop.queued(), "the other one has its place");
    assertEquals(1_001, loop.nextWakeMillis());
    kept.clear();
    now++;
    loop.tick();
    assertTrue(told.contains("tick 1001"));
    loop.admit();
    work();
    assertEquals(Phase.PREPARING, phase());
  }

  @Test
  void whatHasEndedIsForgottenAndItsPlaceIsTheNextOnes() {
    limits = new Limits(1, 9, 9, 9, 9, 9);
    loop = loop();
    loop.adopt(newborn("m0000001"));
    loop.adopt(newborn("m0000002"));
    work();
    List<String> seen = new ArrayList<>();
    loop.watch(ID, run().migration().version(), now + 9_000, () -> seen.add("over"));
    journal.hold();
    loop.wish(run(), new Note.AbortWished(new Migration.Wish("ops", "why", now)), "ops");
    work();
    // neither agent has taken it: the way back needs to hear so
    assertTrue(loop.run(ID).isPresent());
    journal.release();
    work();
    refuse("host-a");
    refuse("host-b");
    assertTrue(loop.run(ID).isEmpty(), () -> "it is " + phase());
    assertEquals(List.of("over"), seen);
    MigrationId next = new MigrationId("m0000002");
    assertEquals(Phase.PREPARING, loop.run(next).orElseThrow().migration().phase());
    assertEquals("DONE", journal.row(ID.value()).orElseThrow().phase());
    assertTrue(told.contains("kept m0000001 DONE"));
  }

  /** Whatever is out there is answered with: there is no such claim. */
  private void refuse(String host) {
    for (Asked each : List.copyOf(asked)) {
      if (each.host().value().equals(host) && each.request().header().migration().equals(ID)) {
        var refusal = new Refusal(Refusal.Code.UNKNOWN_CLAIM, "unknown");
        each.then().accept(new Word.Answered(new Answer(refusal, null, "agent", 1, 2)));
        work();
      }
    }
  }

  @Test
  void oneBlackoutAtATimeAndTheNextBeginsWhenItIsOver() {
    limits = new Limits(9, 9, 9, 9, 1, 9);
    loop = loop();
    MigrationId second = new MigrationId("m0000002");
    takesUp(in(Phase.PREPARING), in(second, Phase.PREPARING, Orders.order(1, false, 0)));
    prepared(ID);
    prepared(second);
    Run waiting = loop.run(second).orElseThrow();
    assertEquals(Phase.QUIESCING, phase());
    assertEquals(Phase.PREPARING, waiting.migration().phase());
    assertTrue(loop.live(waiting).waiting().getFirst().contains("held by m0000001"));
    var parts = new Migration.Blackout(1, 1, 1, 1, 1);
    loop.decided(run(), new Note.CameBack(parts), "orchestrator", done -> {});
    work();
    assertEquals(Phase.QUIESCING, waiting.migration().phase());
  }

  @Test
  void twoLoopsOverOneJournalKeepTheLimitTogether() {
    limits = new Limits(9, 9, 9, 9, 1, 9);
    loop = loop();
    loop.share(journal);
    takesUp(in(Phase.PREPARING));
    prepared(ID);
    assertEquals(Phase.QUIESCING, phase());
    loop = loop();
    loop.share(journal);
    MigrationId second = new MigrationId("m0000002");
    takesUp(in(second, Phase.PREPARING, Orders.order(1, false, 0)));
    prepared(second);
    Run waiting = loop.run(second).orElseThrow();
    assertEquals(Phase.PREPARING, waiting.migration().phase());
    assertTrue(loop.live(waiting).waiting().getFirst().contains("held by m0000001"));
  }

  @Test
  void amongManyTheQueueIsLeftAloneForAWhileAndThenItsTurnComes() {
    limits = new Limits(1, 9, 9, 9, 9, 999);
    loop = loop();
    loop.adopt(newborn("m0000001"));
    work();
    for (int i = 2; i <= 500; i++) {
      loop.adopt(newborn("m0000%03d".formatted(i)));
    }
    pace = 10;
    tasks.remove().run(); // decides about all of them
    pace = 0;
    work();
    long before = tellings();
    loop.admit();
    work();
    assertEquals(before, tellings(), "it rests");
    now = loop.nextWakeMillis() + 100;
    loop.tick();
    work();
    assertTrue(tellings() > before);
  }

  private long tellings() {
    return told.stream().filter(t -> t.startsWith("gave out")).count();
  }
}

package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.handover.Epoch;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import org.junit.jupiter.api.Test;

/** How often one side is asked. */
class SideRunTest {
  private static final Terms TERMS = Terms.usual();
  private static final Request RETURN =
      new Request.Return(new Header(Orders.ID, new Epoch(1, "me"), 0, 0));

  private final SideRun side = new SideRun();

  @Test
  void whatWasJustAnsweredIsNotAskedAgainAtOnce() {
    answered(1_000);
    assertFalse(side.maySend(RETURN, Phase.PREPARING, 1_001, TERMS));
    assertTrue(side.maySend(RETURN, Phase.PREPARING, 1_000 + TERMS.retryMillis(), TERMS));
  }

  @Test
  void aNewPhaseMayAskAtOnce() {
    answered(1_000);
    side.newPhase();
    assertTrue(side.maySend(RETURN, Phase.PREPARING, 1_001, TERMS));
  }

  /** Whatever it was that was refused: the next would be refused as well. */
  @Test
  void aRefusalPausesAllThatIsAskedOfThatSide() {
    var renew = new Request.Renew(new Header(Orders.ID, new Epoch(1, "me"), 0, 0));
    var refusal = new Refusal(Refusal.Code.STALE_EPOCH, "why it is so");
    side.sent(renew, 1_000);
    var moment = new SideRun.Moment(1_000_000_000, 1_000_000_000);
    side.answered(renew, new Answer(refusal, null, "agent-1", 0, 0), moment, TERMS);
    long over = 1_000 + TERMS.retryMillis();
    assertFalse(side.maySend(RETURN, Phase.PREPARING, over - 1, TERMS));
    assertTrue(side.maySend(RETURN, Phase.PREPARING, over, TERMS));
  }

  @Test
  void silenceIsCountedFromOneMissingAnswerToAnother() {
    silent(1_000);
    assertEquals(0, side.sighting().quietMillis());
    silent(5_000);
    side.newPhase();
    assertEquals(4_000, side.sighting().quietMillis());
    answered(6_000);
    silent(7_000);
    assertEquals(0, side.sighting().quietMillis());
  }

  @Test
  void aStepOfTheWallClockMakesNobodySilent() {
    side.silent(RETURN, "no answer in time", 1_000, 1_000_000_000, TERMS);
    side.silent(RETURN, "no answer in time", 9_000_000, 1_200_000_000, TERMS);
    assertEquals(200, side.sighting().quietMillis());
  }

  private void silent(long millis) {
    side.silent(RETURN, "no answer in time", millis, millis * 1_000_000, TERMS);
  }

  private void answered(long millis) {
    side.sent(RETURN, millis);
    var moment = new SideRun.Moment(millis * 1_000_000, millis * 1_000_000);
    side.answered(RETURN, new Answer(null, null, "agent-1", 0, 0), moment, TERMS);
  }
}

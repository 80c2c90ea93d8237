package io.fermata.simulation;

import static io.fermata.simulation.Rule.*;

import java.util.EnumMap;
import java.util.Map;

/**
 * The rules inside the core that no mutant drops, each with what makes it one that is not missed.
 */
final class Unmissed {
  /** Why the loss of each shows in no world. */
  static final Map<Rule, String> WHY =
      new EnumMap<>(
          Map.of(
              SEAL_REPEATS_ITSELF,
              "an answer carries the receipt of the seal that there is, with its own stop and"
                  + " destination, and nobody takes the lack of a refusal for a seal; the words of"
                  + " the refusal are tested in HandOverTest",
              SEAL_LIFTED_BY_ITS_VOID,
              "a destination that voids any stop gives up whatever may still come in that claim"
                  + " (StartRight.giveUp), so every void of it lifts the seal with right",
              SEAL_TAKEN_BY_ITS_START,
              "a destination starts once in a claim, and only the stop that the seal names: there"
                  + " is no other start receipt of the migration",
              STOPS_GO_ON,
              "receipts name the migration too, and a restart ends the only stop of one; a number"
                  + " that is used again within a migration is the mutant of STOP_FORGOTTEN",
              DESTINATION_WHOLE,
              "a device is driven to STOP only when its image is there, so gate 3"
                  + " (DESTINATION_LOADED) holds it; and the source compares the images of the set",
              DESTINATION_COPY_OF_STOP,
              "no seal names a stop whose copy is not there: the source checks stop and images"
                  + " first, and the mutant that drops those is in the table",
              DESTINATION_FORGETS_AT_RESTART,
              "the copy's digests are gone with the process, so it is ready for nothing, and its"
                  + " lease gives it up; the question to the peer matters only to a host that an"
                  + " operator ruled on and that comes back: OperatorsWordTest, the model",
              NEWEST_REPORT_COUNTS,
              "what outcomes rest on (receipts, a closed claim) is final in every report, and an"
                  + " agent refuses what an older report suggests",
              LOST_ROW_STOPS,
              "the fence of the agents (TERMS_FENCED) and the versions of the journal's rows"
                  + " (ROWS_UNCHECKED) stop a zombie that does not know; it only asks in vain"));

  private Unmissed() {}
}

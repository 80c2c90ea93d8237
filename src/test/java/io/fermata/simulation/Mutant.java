package io.fermata.simulation;

import static io.fermata.simulation.Fault.*;
import static io.fermata.simulation.Rule.*;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A core without one rule, or without two or three that cover for each other; then {@link #why}
 * says how. Where the usual mix of faults shows the loss seldom, some are on in every seed.
 */
record Mutant(String rule, Without without, String why) {
  /** Every rule of the protocol that the simulator can do without. */
  static final List<Mutant> ALL =
      List.of(
          of("the seal is on disk before it is acknowledged", SEAL_FORGOTTEN)
              .with(AGENT_CRASH, AMBUSH_CRASH, AMBUSH_CUT),
          of("the start is on disk before a device moves", START_FORGOTTEN)
              .with(AGENT_CRASH, AMBUSH_CRASH),
          of("a void is on disk before it is acknowledged", VOID_FORGOTTEN)
              .with(HOP_REFUSED, HOP_KEEPS_FAILING, AMBUSH_CRASH)
              .because(
                  "a copy that was never started is lost by the restart anyway: only the void of"
                      + " a recorded start needs the disk"),
          of("a stop number is never used again", STOP_FORGOTTEN),
          of("a promised term outlives a restart", PROMISE_FORGOTTEN).with(AGENT_CRASH, TAKE_OVER),
          of("nothing is said before it is on disk", SYNC_LIES).with(AMBUSH_CRASH),
          of("a start needs the seal", START_WITHOUT_SEAL).with(LOSS),
          of("an unseal needs the void receipt", UNSEAL_WITHOUT_VOID),
          of("a release needs the start receipt", RELEASE_WITHOUT_START),
          of("only direct arcs are walked", LONG_HOPS),
          of("the state is read, SET is not believed", SET_BELIEVED),
          of("an image is compared with its digest", DIGEST_UNCHECKED).with(STREAM_LIES),
          of("a guest counts as paused once it is", PAUSE_BELIEVED),
          of("only the answer to the last pause counts", LAST_ANSWER_COUNTS).with(LATE_PAUSE),
          of("the journal takes a row only on the version that was read", ROWS_UNCHECKED)
              .with(TAKE_OVER, ORCHESTRATOR_PAUSE, JOURNAL_SLOW, IMPATIENCE),
          of("agents settle a sealed hand-over alone", PEERS_SILENT).with(AMBUSH_ORCHESTRATORS),
          of("gate 1 as the agent checks it", SOURCE_GATE_ONE, BARRIER_IN)
              .because("the plan of hops holds the barrier too"),
          of("a guest pauses before its devices freeze", SOURCE_GUEST_PAUSED),
          of("a device issues DMA again only when no other is frozen", BARRIER_OUT),
          of("a sealed source ignores its lease", SOURCE_SEALED_HAS_NO_LEASE)
              .and(SOURCE_SEALED_HOLDS_STILL)
              .with(AMBUSH_CUT, AMBUSH_PAUSE)
              .because("a sealed source plans no hop, whatever its goal"),
          of("a sealed source refuses to go back", SOURCE_SEALED_STAYS)
              .and(SOURCE_SEALED_HOLDS_STILL)
              .with(ABORT, AMBUSH_CUT, IMPATIENCE, LOSS)
              .because("a sealed source plans no hop, whatever its goal"),
          of("a frozen source that hears nobody walks back", SOURCE_LEASE_ENDS),
          of("a renewal never revives a lease", LAPSE_BEFORE_RENEWAL).with(HOST_PAUSE),
          of("a claim is closed only where the set runs", SOURCE_CLOSES_AT_REST).with(HOP_REFUSED),
          of("one device, one claim: so the seal binds one destination", HELD_ONCE),
          of("a claim is refused for somebody else's device", OWNER_ASKED),
          of("a set is whole", SET_IS_WHOLE, SET_CHECKED_WHOLE)
              .with(WRONG_ORDER, IMPATIENCE)
              .because("the orchestrator checks it before, on what it last saw"),
          of("gate 3: every image loaded before the seal", DESTINATION_LOADED).with(LOAD_REFUSED),
          of("a seal names the stop that was copied", SOURCE_NAMES_STOP)
              .and(SOURCE_COPIED)
              .and(IMAGES_COMPARED)
              .with(LATE_SEAL)
              .because(
                  "a copy is taken once in a claim, so a later stop is never copied whole; and its"
                      + " images would differ"),
          of("seal and start compare the images", DIGEST_ONLY_COUNTED, IMAGES_COMPARED)
              .with(STREAM_LIES)
              .because("the stream's end compares the digest; this is its second witness"),
          of("a start is owned to only after a device moved", DESTINATION_MOVED_BEFORE_RECEIPT)
              .with(HOP_REFUSED, HOP_KEEPS_FAILING),
          of("a copy that somebody else reset has not moved", DESTINATION_SEES_RESETS)
              .with(COPY_RESET),
          of("a start is taken back only before a device moved", DESTINATION_REVERTS_UNMOVED)
              .with(HOP_REFUSED, HOP_KEEPS_FAILING),
          of("what was voided never starts", DESTINATION_VOID_IS_FINAL)
              .and(DESTINATION_LOST_STAYS_LOST)
              .with(LATE_START)
              .because("a copy that was given up is no copy any more, and cannot start"),
          of("an old void says nothing about a later guest", CLOSED_HAS_NO_SAY)
              .and(VOID_OF_HELD_ONLY)
              .with(REPLAY, ABORT, IMPATIENCE, RETARGET)
              .because("a closed claim has no say, and a void only where devices are held"),
          of("an old term is refused", TERMS_FENCED),
          of("an equal term of another owner is refused", RIVALS_FENCED).with(JOURNAL_RESTORED),
          of("what was decided is in the journal first", JOURNAL_FIRST)
              .with(JOURNAL_SLOW, ORCHESTRATOR_CRASH, IMPATIENCE),
          of("an outcome at home needs proof", HOME_PROVEN)
              .with(ABORT, AMBUSH_CUT, AMBUSH_PAUSE, IMPATIENCE, LOSS),
          of("success needs the word of both agents", END_PROVEN),
          of("a restart asks the agents first", AGENTS_ASKED_FIRST, DARK_NEEDS_A_WORD)
              .with(CUT, ORCHESTRATOR_CRASH, ABORT, AMBUSH_PAUSE, IMPATIENCE)
              .because("what was dark once is believed home only on a report"),
          of("a released source did not come back", RELEASED_IS_NOT_BACK)
              .and(START_ENDS_THE_WAY_BACK)
              .with(ABORT, AMBUSH_CUT, LOSS)
              .because("the start receipt that a released source holds ends the way back"));

  private static Mutant of(String rule, Rule... dropped) {
    return new Mutant(rule, new Without(Set.of(dropped), Set.of()), "");
  }

  private Mutant and(Rule other) {
    Set<Rule> both = new TreeSet<>(without.rules());
    both.add(other);
    return new Mutant(rule, new Without(both, without.faults()), why);
  }

  private Mutant with(Fault... faults) {
    return new Mutant(rule, new Without(without.rules(), Set.copyOf(Arrays.asList(faults))), why);
  }

  private Mutant because(String reason) {
    return new Mutant(rule, without, reason);
  }
}

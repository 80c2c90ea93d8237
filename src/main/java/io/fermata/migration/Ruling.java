package io.fermata.migration;

import static io.fermata.handover.Side.DESTINATION;
import static io.fermata.handover.Side.SOURCE;
import static io.fermata.migration.MigrationDriver.reached;

import io.fermata.device.Goal;
import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimReport.GuestState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether an operator may decide so, by what the agents say and last said; and if he may, what
 * comes of it and what nobody but he can vouch for.
 *
 * @param objection the fact that forbids it, or null when nothing does
 * @param effects what will be done, in order
 * @param cautions what it rests on beyond the facts, and what is lost
 */
public record Ruling(@Nullable Objection objection, List<String> effects, List<String> cautions) {
  public Ruling {
    effects = List.copyOf(effects);
    cautions = List.copyOf(cautions);
  }

  /** Why a decision is not taken. */
  public enum Ground {
    /** The side that would keep the set does not answer: nothing could be done or proven there. */
    KEEPER_SILENT,
    /** The side that would keep the set does not have it. */
    KEEPER_LACKS_STATE,
    /** An agent's facts say otherwise. */
    CONTRADICTED
  }

  /** A fact that forbids a decision. */
  public record Objection(Ground ground, String host, String detail) {}

  static Ruling of(Known k, Side keep) {
    Optional<Objection> objection = keep == SOURCE ? againstSource(k) : againstDestination(k);
    if (objection.isPresent()) {
      return new Ruling(objection.get(), List.of(), List.of());
    }
    return keep == SOURCE ? forSource(k) : forDestination(k);
  }

  private static Optional<Objection> silent(Known k, Side keep) {
    boolean mute = k.on(keep).report() == null || k.on(keep).unreachable() != null;
    String why = k.on(keep).unreachable() == null ? "knows of no claim" : "does not answer";
    return mute
        ? objection(
            Ground.KEEPER_SILENT,
            k,
            keep,
            why + ", so it can neither take the set nor prove that it has it")
        : Optional.empty();
  }

  private static Optional<Objection> againstSource(Known k) {
    Optional<Objection> silent = silent(k, SOURCE);
    if (silent.isPresent()) {
      return silent;
    }
    if (k.source().released()) {
      return objection(
          Ground.KEEPER_LACKS_STATE,
          k,
          SOURCE,
          "released the set on the destination's start receipt and holds its state no more");
    }
    boolean ran = k.migration().evidence().started() != null;
    if (ran || runs(k)) {
      return objection(
          Ground.CONTRADICTED,
          k,
          DESTINATION,
          "proved that the set ran there; what the source holds is older");
    }
    boolean answers = k.destination().unreachable() == null;
    boolean vouched = k.destination().receipt(Receipt.Started.class).isPresent();
    return answers && vouched
        ? objection(
            Ground.CONTRADICTED,
            k,
            DESTINATION,
            "answers and has started the set; on its receipt the source lets go of what it holds")
        : Optional.empty();
  }

  /** By its last word, however old: a set that ran there has moved on from the source's copy. */
  private static boolean runs(Known k) {
    var report = k.destination().report();
    boolean started = k.destination().receipt(Receipt.Started.class).isPresent();
    boolean guest = report != null && report.guest() == GuestState.RUNNING;
    return started && (reached(k.destination()) || guest);
  }

  private static Optional<Objection> againstDestination(Known k) {
    Optional<Objection> silent = silent(k, DESTINATION);
    if (silent.isPresent()) {
      return silent;
    }
    if (k.destination().receipt(Receipt.Started.class).isPresent()) {
      return Optional.empty();
    }
    Stop stop = Resolving.stop(k);
    boolean whole =
        k.destination()
            .receipt(Receipt.Ready.class)
            .filter(ready -> ready.stop().equals(stop))
            .isPresent();
    if (!whole) {
      return objection(
          Ground.KEEPER_LACKS_STATE,
          k,
          DESTINATION,
          "holds no whole copy of " + (stop == null ? "any stop" : "stop " + stop));
    }
    return Resolving.seal(k) != null ? Optional.empty() : unsealed(k);
  }

  /** Without a seal the source may run at any time; it has to be off, not only out of hearing. */
  private static Optional<Objection> unsealed(Known k) {
    boolean answers = k.source().unreachable() == null && k.source().report() != null;
    boolean left = k.source().closed() || k.source().headingFor(Goal.RUNNING);
    if (left) {
      return objection(
          Ground.CONTRADICTED,
          k,
          SOURCE,
          "never sealed the set and said that it goes back to RUNNING: the copy is stale");
    }
    return answers
        ? objection(
            Ground.CONTRADICTED,
            k,
            SOURCE,
            "answers and has not sealed the set: it is not fenced, and will run it again")
        : Optional.empty();
  }

  private static Ruling forSource(Known k) {
    String source = k.host(SOURCE).value();
    String destination = k.host(DESTINATION).value();
    List<String> effects = new ArrayList<>();
    List<String> cautions = new ArrayList<>();
    boolean sealed = k.source().receipt(Receipt.Sealed.class).isPresent();
    boolean answers = k.destination().report() != null && k.destination().unreachable() == null;
    boolean started = k.destination().receipt(Receipt.Started.class).isPresent();
    if (answers) {
      effects.add(
          destination
              + " gives its copy up for ever, even one that it started in vain, and is reset");
    }
    if (sealed) {
      effects.add(
          source
              + (answers
                  ? " takes the right to run back on that void receipt"
                  : " writes your word to its disk and takes the right to run back"));
    }
    effects.add(source + " runs the set; the migration ends as RESOLVED");
    if (sealed && !answers) {
      cautions.add(
          "that "
              + destination
              + " is off rests on your word alone: if it runs, the guest runs twice");
      cautions.add(destination + ", if it ever comes back, is told and gives its copy up");
      cautions.add(
          "if "
              + destination
              + " had started the set before it was lost, what the guest did there is lost too");
    }
    if (started) {
      cautions.add("what devices did on " + destination + " since their start is lost");
    }
    k.source()
        .faulted()
        .ifPresent(d ->
            cautions.add(source + " " + d.name() + " is in ERROR and stays so until it is reset"));
    return new Ruling(null, effects, cautions);
  }

  private static Ruling forDestination(Known k) {
    String source = k.host(SOURCE).value();
    String destination = k.host(DESTINATION).value();
    List<String> effects = new ArrayList<>();
    List<String> cautions = new ArrayList<>();
    boolean started = k.destination().receipt(Receipt.Started.class).isPresent();
    boolean sealed = Resolving.seal(k) != null;
    if (!started) {
      effects.add(
          destination
              + (sealed
                  ? " starts on the seal of " + source
                  : " writes your word to its disk and starts its copy without a seal"));
    }
    effects.add(destination + " runs the set; the migration ends as RESOLVED");
    if (!started && !sealed) {
      cautions.add(
          source
              + " was not heard to seal: if it is not off it runs the set again by itself, and the"
              + " guest runs twice");
      cautions.add(
          source
              + ", once it is on again, asks "
              + destination
              + " before it moves a device, but for one lease only: keep the two in reach");
      cautions.add(
          "if "
              + source
              + " took the set back before it was lost, the guest went on there, and what it did"
              + " since is not in the copy");
    }
    cautions.add("the devices on " + source + " are freed when it comes back and hears of this");
    return new Ruling(null, effects, cautions);
  }

  private static Optional<Objection> objection(Ground ground, Known k, Side side, String what) {
    String host = k.host(side).value();
    return Optional.of(new Objection(ground, host, host + " " + what));
  }
}

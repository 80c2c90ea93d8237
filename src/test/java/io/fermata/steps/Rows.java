package io.fermata.steps;

import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.Refusal;
import io.fermata.migration.Failure;
import io.fermata.migration.Outcome;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;

/** What the runs have taken so far, to be held against what the code declares. */
final class Rows {
  final Set<Refusal.Code> refusals = EnumSet.noneOf(Refusal.Code.class);
  final Set<HopReport.Outcome> hops = EnumSet.noneOf(HopReport.Outcome.class);
  final Set<Failure.Code> failures = EnumSet.noneOf(Failure.Code.class);
  final Set<Outcome> outcomes = EnumSet.noneOf(Outcome.class);

  /** Phase and trigger of the lifecycle's rows. */
  final Set<String> moves = new TreeSet<>();

  /** Simple names of the records that were recorded, asked, said or handed on. */
  final Set<String> words = new TreeSet<>();

  void word(Object said) {
    words.add(said.getClass().getSimpleName());
  }
}

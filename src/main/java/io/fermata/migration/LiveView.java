package io.fermata.migration;

import io.fermata.handover.Side;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.handover.message.ClaimReport.Progress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says in words what a running migration waits for. */
final class LiveView {
  private LiveView() {}

  /** What it waits for in the queue or before the barrier. */
  record Standing(int position, String why) {}

  static Live of(Run run, Terms terms, @Nullable Standing standing) {
    Migration m = run.migration();
    boolean limited =
        !m.ended() && !run.waitsToDarken() && terms.deadlineMillis(m.phase()) < Long.MAX_VALUE / 4;
    return new Live(
        m,
        run.on(Side.SOURCE).view(),
        run.on(Side.DESTINATION).view(),
        m.ended() ? List.of() : waiting(run, standing),
        limited ? m.phaseSince() + terms.deadlineMillis(m.phase()) : null,
        standing != null && m.phase() == Phase.QUEUED ? (Integer) standing.position() : null);
  }

  private static List<String> waiting(Run run, @Nullable Standing standing) {
    List<String> words = new ArrayList<>();
    if (standing != null && (run.migration().phase() == Phase.QUEUED || run.waitsToDarken())) {
      words.add(standing.why());
    }
    if (run.waitsForJournal()) {
      words.add("the journal, to write what was decided");
    }
    Flow flow = run.on(Side.SOURCE).view().flow();
    if (run.migration().phase() == Phase.PRECOPYING && flow.stalled()) {
      words.add(
          "pre-copy has stalled: for %d s there has not been less left than %d bytes"
              .formatted(flow.stalledNanos() / 1_000_000_000, flow.bestLeft()));
    }
    side(run, Side.SOURCE, run.migration().order().source().value(), words);
    side(run, Side.DESTINATION, run.migration().order().destination().value(), words);
    return List.copyOf(words);
  }

  private static void side(Run run, Side side, String host, List<String> words) {
    Live.SideView view = run.on(side).view();
    if (view.trouble() != null) {
      words.add(host + ": " + view.trouble());
    }
    if (view.report() == null || view.report().progress() == Progress.REACHED) {
      return;
    }
    for (DeviceReport device : view.report().devices()) {
      if (device.heading() != null) {
        words.add(host + " " + device.name() + ": " + device.state() + " to " + device.heading());
      } else if (device.trouble() != null) {
        words.add(host + " " + device.name() + ": " + device.trouble());
      }
    }
  }
}

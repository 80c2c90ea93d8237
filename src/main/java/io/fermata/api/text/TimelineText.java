package io.fermata.api.text;

import io.fermata.api.view.TimelineView;
import io.fermata.api.view.TimelineView.GateMark;
import io.fermata.api.view.TimelineView.Kind;
import io.fermata.api.view.TimelineView.Lane;
import io.fermata.api.view.TimelineView.Span;
import io.fermata.migration.Gate;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A timeline as lanes of letters, in two scales side by side: the barrier takes tens of
 * milliseconds, the copy hundreds.
 *
 * <pre>
 *  t=0   |GATE 1 quiesced -> GATE 2 frozen |COPY / LOAD                        |
 *  gpu0  |qqqqqqqqqqqq................sssss|######################LLL..        | q=40
 *  ms    |0                          91 110|110                     now 610 850|
 * </pre>
 */
public final class TimelineText {
  private static final int NAME = 14;
  private static final int NOTE = 14;
  private static final double BARRIER_SHARE = 0.42;

  private final TimelineView view;
  private final String id;
  private final int name;
  private final int left;
  private final int right;
  private final double split;
  private final double end;
  private final Set<Kind> used = EnumSet.noneOf(Kind.class);
  private boolean wide;

  private TimelineText(TimelineView view, String id) {
    this.view = view;
    this.id = id;
    int longest = view.lanes().stream().mapToInt(lane -> lane.source().length()).max().orElse(5);
    name = Math.clamp(longest, 5, NAME);
    int room = Sheet.COLUMNS - name - NOTE - 5;
    left = (int) (room * BARRIER_SHARE);
    right = room - left;
    split = Math.max(0.001, at(Gate.Name.FROZEN).orElse(view.nowMs()));
    double budget = view.budgetMs() == null || view.parts() != null ? 0 : view.budgetMs();
    end = Math.max(Math.max(view.nowMs(), budget), split + 0.001);
  }

  /** The timeline; {@code id} is cut as short as may be. */
  public static String of(TimelineView view, String id) {
    return new TimelineText(view, id).draw();
  }

  /** The same with every hop of every device. */
  public static String wide(TimelineView view, String id) {
    TimelineText text = new TimelineText(view, id);
    text.wide = true;
    return text.draw();
  }

  private String draw() {
    Sheet sheet = new Sheet();
    sheet.line(id + "  " + Sheet.cut(view.source(), 30) + "→" + Sheet.cut(view.destination(), 30));
    if (view.zero() == null) {
      sheet.line("the barrier has not begun: the guest was not stopped");
      lanesBefore(sheet);
      return sheet.next(Curl.get("/migrations/" + id + "/explain"));
    }
    if (view.preCopyMs() != null) {
      sheet.line("pre-copy for " + Times.span(view.preCopyMs().longValue()) + " before t=0");
    }
    sheet.line(row("t=0", "GATE 1 quiesced → GATE 2 frozen", "COPY / LOAD / RESUME", ""));
    view.lanes().forEach(lane -> sheet.line(lane(lane)));
    sheet.line(row("ms", barrierScale(), copyScale(), ""));
    sheet.words(" ", legend());
    for (GateMark gate : view.gates()) {
      sheet.line(" " + gate(gate));
    }
    parts(sheet);
    breaches(sheet);
    hops(sheet);
    sheet.line(
        " clock uncertainty: source ±"
            + sure(view.uncertainty().sourceMs())
            + " ms, destination ±"
            + sure(view.uncertainty().destinationMs())
            + " ms");
    return sheet.next(Curl.get("/migrations/" + id));
  }

  private void breaches(Sheet sheet) {
    for (TimelineView.Breach breach : view.breaches()) {
      sheet.words(
          " ",
          "BREACH "
              + breach.rule()
              + " at "
              + Times.millis(breach.atMs())
              + " ms on the "
              + breach.side()
              + ": "
              + breach.moved()
              + " moved while "
              + breach.other()
              + " was not where it had to be");
    }
  }

  /** Every hop, those of an offending pair marked. */
  private void hops(Sheet sheet) {
    if (!wide) {
      return;
    }
    for (Lane lane : view.lanes()) {
      for (Span span : lane.spans()) {
        String hop = span.hop() == null ? span.kind().words() : span.hop();
        String error = span.error() == null ? "" : " " + span.error();
        String outcome = span.outcome() == null ? "" : " " + span.outcome();
        String from = Times.millis(span.startMs());
        sheet.line(
            (offends(lane, span.side()) ? "!" : " ")
                + Sheet.pad(span.side().equals("source") ? lane.source() : lane.destination(), name)
                + " "
                + Sheet.pad(span.side(), 11)
                + " "
                + Sheet.pad(from + ".." + Times.millis(span.endMs()) + " ms", 20)
                + " "
                + hop
                + outcome
                + error);
      }
    }
  }

  private boolean offends(Lane lane, String side) {
    String device = side.equals("source") ? lane.source() : lane.destination();
    return view.breaches().stream()
        .filter(breach -> breach.side().equals(side))
        .anyMatch(breach -> breach.moved().equals(device) || breach.other().equals(device));
  }

  private void lanesBefore(Sheet sheet) {
    for (Lane lane : view.lanes()) {
      String hops =
          lane.spans().stream()
              .map(span -> span.hop() + " " + Times.millis(span.endMs() - span.startMs()) + " ms")
              .collect(Collectors.joining(", "));
      sheet.line(" " + Sheet.pad(lane.source(), name) + "  " + (hops.isEmpty() ? "no hop" : hops));
    }
  }

  private String lane(Lane lane) {
    String note =
        lane.spans().stream()
            .filter(span -> span.kind() == Kind.QUIESCE)
            .reduce((first, second) -> second)
            .map(span -> "q=" + Times.millis(span.endMs() - span.startMs()))
            .orElse("q=?");
    boolean guilty = offends(lane, "source") || offends(lane, "destination");
    return row(
        (guilty ? "!" : "") + lane.source(),
        window(lane, 0, split, left),
        window(lane, split, end, right),
        lane.last().isEmpty() ? note : note + " LAST");
  }

  /** Each cell stands for a slice of time; what lasts less than a cell still gets one. */
  private String window(Lane lane, double from, double to, int cells) {
    StringBuilder line = new StringBuilder();
    double slice = (to - from) / cells;
    for (int i = 0; i < cells; i++) {
      line.append(from + i * slice < view.nowMs() ? '.' : ' ');
    }
    for (Span span : lane.spans()) {
      int first = (int) Math.floor((span.startMs() - from) / slice);
      int after = (int) Math.max(first + 1, Math.ceil((span.endMs() - from) / slice));
      // A hundredth of a cell: what only touches the border belongs to the other window.
      double touch = slice / 100;
      boolean inside =
          span.endMs() > from + touch && span.startMs() < to - touch && span.endMs() >= 0;
      boolean drawn = span.kind() != Kind.PRECOPY && span.kind() != Kind.OTHER;
      for (int i = Math.max(0, first); inside && drawn && i < Math.min(cells, after); i++) {
        line.setCharAt(i, span.kind().letter());
        used.add(span.kind());
      }
    }
    return line.toString();
  }

  private String barrierScale() {
    String ends = Times.millis(split);
    String line = Sheet.pad("0", left - ends.length()) + ends;
    Optional<Double> gate = at(Gate.Name.QUIESCED);
    return gate.isEmpty() ? line : put(line, Times.millis(gate.get()), gate.get() / split);
  }

  private String copyScale() {
    if (at(Gate.Name.FROZEN).isEmpty()) {
      return "";
    }
    String ends = Times.millis(end);
    String starts = Times.millis(split);
    String line = Sheet.pad(starts, right - ends.length()) + ends;
    boolean over = view.nowMs() >= end;
    String now = "now " + Times.millis(view.nowMs());
    return over ? line : put(line, now, (view.nowMs() - split) / (end - split));
  }

  /** Writes a word that ends at that share of the line, where nothing else stands. */
  private static String put(String line, String word, double share) {
    int at = (int) (share * line.length()) - word.length();
    boolean fits = at > 0 && at + word.length() < line.length();
    if (!fits || !line.substring(at - 1, at + word.length() + 1).isBlank()) {
      return line;
    }
    return line.substring(0, at) + word + line.substring(at + word.length());
  }

  private String legend() {
    return used.stream()
            .map(kind -> kind.letter() + " " + kind.words())
            .collect(Collectors.joining("  "))
        + "  . waiting";
  }

  private static String gate(GateMark gate) {
    return "gate "
        + Sheet.pad(gate.name() + " at " + Times.millis(gate.atMs()) + " ms", 24)
        + " took "
        + Times.millis(gate.elapsedMs())
        + " ms (slowest device "
        + Times.millis(gate.slowestDeviceMs())
        + ", skew "
        + Times.millis(gate.skewMs())
        + ", last "
        + Sheet.cut(gate.last(), NAME)
        + ")";
  }

  private void parts(Sheet sheet) {
    var parts = view.parts();
    String of = view.budgetMs() == null ? "" : " of " + view.budgetMs();
    if (parts == null) {
      sheet.line(" dark for " + Times.millis(view.blackoutMs()) + of + " ms");
      return;
    }
    sheet.line(
        " blackout "
            + Times.millis(view.blackoutMs())
            + of
            + " ms = quiesce "
            + Times.millis(parts.quiesceMs())
            + " + stop "
            + Times.millis(parts.stopMs())
            + " + copy "
            + Times.millis(parts.copyMs())
            + " + commit "
            + Times.millis(parts.commitMs())
            + " + resume "
            + Times.millis(parts.resumeMs()));
  }

  private String row(String label, String first, String second, String note) {
    String cells = Sheet.pad(first, left) + "|" + Sheet.pad(second, right);
    return " " + Sheet.pad(label, name) + " |" + cells + "| " + note;
  }

  private Optional<Double> at(Gate.Name gate) {
    return view.gates().stream()
        .filter(mark -> mark.name() == gate)
        .map(GateMark::atMs)
        .findFirst();
  }

  private static String sure(@Nullable Double millis) {
    return Times.millis(millis);
  }
}

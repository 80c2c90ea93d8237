package io.fermata.api.text;

import io.fermata.api.view.TimelineView;
import io.fermata.api.view.TimelineView.GateMark;
import io.fermata.api.view.TimelineView.Kind;
import io.fermata.api.view.TimelineView.Lane;
import io.fermata.api.view.TimelineView.Span;
import io.fermata.migration.Gate;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A timeline as a picture of its own: no script, no style, nothing loaded from anywhere, so that
 * the strictest content security policy shows it. The two scales are those of {@link TimelineText}.
 */
public final class TimelineSvg {
  private static final int WIDTH = 1100;
  private static final int LABEL = 140;
  private static final int ROOM = WIDTH - LABEL - 90;
  private static final int TOP = 70;
  private static final int LANE = 20;
  private static final double BARRIER_SHARE = 0.42;

  private final TimelineView view;
  private final String id;
  private final double split;
  private final double end;
  private final int bottom;
  private final Set<Kind> used = EnumSet.noneOf(Kind.class);
  private final StringBuilder svg = new StringBuilder();

  private TimelineSvg(TimelineView view, String id) {
    this.view = view;
    this.id = id;
    double frozen =
        view.gates().stream()
            .filter(gate -> gate.name() == Gate.Name.FROZEN)
            .mapToDouble(GateMark::atMs)
            .findFirst()
            .orElse(view.nowMs());
    split = Math.max(0.001, frozen);
    end = Math.max(view.nowMs(), split + 0.001);
    bottom = TOP + LANE * view.lanes().size();
  }

  /** The picture; {@code id} is cut as short as may be. */
  public static String of(TimelineView view, String id) {
    return new TimelineSvg(view, id).draw();
  }

  private String draw() {
    int height = bottom + 70;
    svg.append(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"")
        .append(" width=\"" + WIDTH + "\" height=\"" + height + "\"")
        .append(" viewBox=\"0 0 " + WIDTH + " " + height + "\"")
        .append(" font-family=\"monospace\" font-size=\"12\">\n")
        .append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
    String where = view.source() + " → " + view.destination();
    text(10, 20, id + "  " + where + "  " + blackout(), "black", 14);
    for (int i = 0; i < view.lanes().size(); i++) {
      lane(view.lanes().get(i), TOP + i * LANE);
    }
    for (int i = 0; i < view.gates().size(); i++) {
      gate(view.gates().get(i), i);
    }
    axis();
    legend();
    return svg.append("</svg>\n").toString();
  }

  private String blackout() {
    if (view.zero() == null) {
      return "the barrier has not begun";
    }
    String budget = view.budgetMs() == null ? "" : " of " + view.budgetMs();
    return "dark " + Times.millis(view.blackoutMs()) + budget + " ms";
  }

  private void lane(Lane lane, int y) {
    boolean guilty =
        view.breaches().stream().anyMatch(b -> named(lane, b.moved()) || named(lane, b.other()));
    text(10, y + 14, Sheet.cut(lane.source(), 16), guilty ? "#c00000" : "black", 12);
    for (Span span : lane.spans()) {
      if (span.endMs() >= 0 && span.kind() != Kind.PRECOPY) {
        span(span, y);
      }
    }
    if (!lane.last().isEmpty()) {
      text(LABEL + ROOM + 8, y + 14, guilty ? "BREACH" : "LAST", "#606060", 11);
    }
  }

  private static boolean named(Lane lane, String device) {
    return lane.source().equals(device) || lane.destination().equals(device);
  }

  private void span(Span span, int y) {
    used.add(span.kind());
    double from = x(span.startMs());
    double width = Math.max(1.5, x(span.endMs()) - from);
    String hop = span.hop() == null ? span.kind().words() : span.hop();
    String error = span.error() == null ? "" : " " + span.error();
    String title =
        span.side() + " " + hop + " " + Times.millis(span.endMs() - span.startMs()) + " ms" + error;
    svg.append(
            String.format(
                Locale.ROOT,
                "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\">",
                from,
                y + 3,
                width,
                LANE - 6,
                colour(span.kind())))
        .append("<title>" + escaped(title) + "</title></rect>\n");
  }

  /** The names of neighbours are at different heights. */
  private void gate(GateMark gate, int number) {
    double x = x(gate.atMs());
    svg.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"black\"/>\n",
            x,
            TOP - 6,
            x,
            bottom + 4));
    int row = 34 + 12 * (number % 3);
    text(x - 4, row, gate.name() + " " + Times.millis(gate.atMs()), "black", 10);
  }

  private void axis() {
    double middle = x(split);
    text(LABEL, bottom + 20, "0 ms", "#606060", 11);
    text(middle + 2, bottom + 20, Times.millis(split) + " | other scale", "#606060", 11);
    text(LABEL + ROOM, bottom + 20, Times.millis(end) + " ms", "#606060", 11);
  }

  private void legend() {
    double x = LABEL;
    for (Kind kind : used) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<rect x=\"%.1f\" y=\"%d\" width=\"12\" height=\"12\" fill=\"%s\"/>\n",
              x,
              bottom + 36,
              colour(kind)));
      text(x + 16, bottom + 46, kind.words(), "black", 11);
      x += 32 + kind.words().length() * 7.0;
    }
  }

  /** Milliseconds to a place: the barrier has its own scale. */
  private double x(double millis) {
    double at = Math.clamp(millis, 0, end);
    double barrier = ROOM * BARRIER_SHARE;
    return at <= split
        ? LABEL + barrier * at / split
        : LABEL + barrier + (ROOM - barrier) * (at - split) / (end - split);
  }

  private void text(double x, double y, @Nullable String words, String colour, int size) {
    svg.append(
            String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" fill=\"%s\" font-size=\"%d\">",
                x,
                y,
                colour,
                size))
        .append(escaped(words == null ? "?" : words))
        .append("</text>\n");
  }

  private static String colour(Kind kind) {
    return switch (kind) {
      case PRECOPY -> "#c6dbef";
      case QUIESCE -> "#fdae6b";
      case FREEZE -> "#3182bd";
      case COPY -> "#9ecae1";
      case LOAD -> "#756bb1";
      case THAW -> "#a1d99b";
      case RUN -> "#31a354";
      case BACK -> "#fdd0a2";
      case CLEAN -> "#e5e5e5";
      case OTHER -> "#bdbdbd";
      case FAILED -> "#de2d26";
    };
  }

  /** Also what XML may not hold at all: control characters. */
  private static String escaped(String text) {
    return text.replaceAll("\\p{Cntrl}", "?")
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}

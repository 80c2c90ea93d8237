package io.fermata.api.view;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fermata.api.view.TimelineView.GateMark;
import io.fermata.api.view.TimelineView.Kind;
import io.fermata.api.view.TimelineView.Span;
import io.fermata.handover.message.HopReport;
import io.fermata.migration.Gate;
import java.util.List;
import org.junit.jupiter.api.Test;

class CausalityTest {
  private static final List<GateMark> GATES =
      List.of(
          gate(Gate.Name.QUIESCED, 160),
          gate(Gate.Name.FROZEN, 316),
          gate(Gate.Name.LOADED, 450),
          gate(Gate.Name.RUNNING, 622));

  private static GateMark gate(Gate.Name name, double at) {
    return new GateMark(name, at, 1, 1, 1, "gpu0");
  }

  private static Span span(Kind kind, String side, double start, double end) {
    return new Span(kind, side, "hop", HopReport.Outcome.DONE, null, start, end);
  }

  private static double shift(double uncertainty, Span... spans) {
    return Causality.shift(List.of(spans), GATES, uncertainty);
  }

  @Test
  void whatAGateWaitedForWasThereBeforeItOpened() {
    assertEquals(-16, shift(18.5, span(Kind.QUIESCE, "source", 172, 176)));
    assertEquals(-3, shift(8, span(Kind.LOAD, "destination", 440, 453)));
    assertEquals(-2, shift(8, span(Kind.RUN, "destination", 620, 624)));
  }

  @Test
  void whatAGateLetBeginBeganAfterIt() {
    assertEquals(10, shift(18.5, span(Kind.FREEZE, "source", 150, 170)));
    assertEquals(5, shift(18.5, span(Kind.QUIESCE, "source", -5, 20)));
    assertEquals(1, shift(18.5, span(Kind.THAW, "destination", 449, 460)));
  }

  @Test
  void whatIsInOrderStaysWhereItIs() {
    assertEquals(
        0,
        shift(
            18.5,
            span(Kind.QUIESCE, "source", 10, 159),
            span(Kind.FREEZE, "source", 161, 300),
            span(Kind.BACK, "source", 700, 800)));
    assertEquals(0, Causality.shift(List.of(), GATES, 5.0));
    assertEquals(0, Causality.shift(List.of(span(Kind.LOAD, "destination", 1, 9)), List.of(), 5.0));
  }

  /** A destination gets its devices ready by the same hops, long before. */
  @Test
  void onlyTheHopsOfThatSideAreInTheBarrier() {
    assertEquals(0, shift(18.5, span(Kind.QUIESCE, "destination", -2162, -2150)));
    assertEquals(0, shift(18.5, span(Kind.RUN, "source", 700, 710)));
  }

  @Test
  void nothingIsMovedFurtherThanItsClockMayBeOff() {
    assertEquals(-5, shift(4, span(Kind.QUIESCE, "source", 172, 176)));
    assertEquals(-1, Causality.shift(List.of(span(Kind.QUIESCE, "source", 172, 176)), GATES, null));
  }

  @Test
  void whatNoClockExplainsIsShownAsItWas() {
    // too early by 4 for one gate, too late by 2 for the other
    assertEquals(0, shift(18.5, span(Kind.FREEZE, "source", 156, 318)));
    // gates are stamped in whole milliseconds
    assertEquals(0.1, shift(18.5, span(Kind.FREEZE, "source", 159.5, 316.3)), 0.001);
  }
}

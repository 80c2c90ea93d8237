package io.fermata.chaos.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The judge finds what it is there to find. */
class JudgeTest {
  private final Judge judge = new Judge();
  private long now;

  private void happens(String host, String kind, String device, String move, long counter) {
    happens(host, kind, device, move, counter, "vm");
  }

  private void happens(
      String host, String kind, String device, String move, long counter, String guest) {
    String[] states = move.split(">");
    now++;
    judge.take(new DeviceLine(now, host, kind, device, states[0], states[1], guest, counter));
  }

  private void twoRunOn(String host) {
    happens(host, "OPENED", "d0", "RUNNING>RUNNING", 1);
    happens(host, "OPENED", "d1", "RUNNING>RUNNING", 1);
  }

  private void quiesced(String host) {
    happens(host, "MOVED", "d0", "RUNNING>RUNNING_P2P", 5);
    happens(host, "MOVED", "d1", "RUNNING>RUNNING_P2P", 5);
  }

  private void frozen(String host) {
    happens(host, "MOVED", "d0", "RUNNING_P2P>STOP", 6);
    happens(host, "MOVED", "d1", "RUNNING_P2P>STOP", 6);
  }

  @Test
  void aMoveByTheRulesIsFine() {
    twoRunOn("a");
    quiesced("a");
    frozen("a");
    happens("b", "LOADED", "d0", "RESUMING>RESUMING", 6);
    happens("b", "LOADED", "d1", "RESUMING>RESUMING", 6);
    happens("b", "MOVED", "d0", "RESUMING>STOP", 6);
    happens("b", "MOVED", "d1", "RESUMING>STOP", 6);
    happens("b", "MOVED", "d0", "STOP>RUNNING_P2P", 6);
    happens("b", "MOVED", "d1", "STOP>RUNNING_P2P", 6);
    assertNull(judge.runsOn("vm", 2));
    happens("b", "MOVED", "d0", "RUNNING_P2P>RUNNING", 7);
    happens("b", "MOVED", "d1", "RUNNING_P2P>RUNNING", 7);
    happens("a", "RESET", "d0", "STOP>RUNNING", 0, "");
    happens("a", "RESET", "d1", "STOP>RUNNING", 0, "");

    assertEquals(List.of(), judge.violations());
    assertEquals("b", judge.runsOn("vm", 2));
  }

  @Test
  void aFreezeThatBeginsWhileAnotherIssuesIsFound() {
    twoRunOn("a");
    happens("a", "MOVED", "d0", "RUNNING>RUNNING_P2P", 5);
    assertEquals(List.of(), judge.violations());
    happens("a", "BEGAN", "d0", "RUNNING_P2P>STOP", 5);
    assertEquals(1, judge.violations().size());
  }

  @Test
  void twoHostsThatChangeAreFound() {
    twoRunOn("a");
    happens("b", "MOVED", "d0", "STOP>RUNNING_P2P", 6);
    assertEquals(1, judge.violations().size());
  }

  @Test
  void anOlderStateThatRunsIsFound() {
    twoRunOn("a");
    quiesced("a");
    frozen("a");
    happens("b", "MOVED", "d0", "STOP>RUNNING_P2P", 5);
    assertEquals(1, judge.violations().size());
  }

  @Test
  void whatADeviceSaysItselfIsTakenAtItsWord() {
    twoRunOn("a");
    happens("a", "LOST_DMA", "d0", "RUNNING>RUNNING", 5);
    assertEquals(1, judge.violations().size());
  }
}

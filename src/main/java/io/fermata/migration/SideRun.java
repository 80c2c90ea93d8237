package io.fermata.migration;

import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One side of a running migration: what is known of it, what is out, and when the next request may
 * go. Newer reports replace older ones by their sequence within one agent process; a restarted
 * agent begins anew.
 */
final class SideRun {
  private final Map<String, Long> out = new LinkedHashMap<>();
  private final Map<String, Long> answeredAt = new HashMap<>();
  private final List<HopReport> hops = new ArrayList<>();
  private Sighting sighting = Sighting.NONE;
  private @Nullable String agent;
  private Live.ClockMapping clock = new Live.ClockMapping(0, Long.MAX_VALUE);
  private @Nullable Long seenMillis;
  private @Nullable Long quietSinceNanos;
  private long pausedUntil;
  private long renewedAt;
  private boolean pressing;

  Sighting sighting() {
    return sighting;
  }

  /**
   * Whether this request may go now: not while its like is out, not while paused, renewals only at
   * the poll's pace. An answer that left the phase as it was is no reason to ask the same again at
   * once: a claim that is stuck answers at once every time.
   */
  boolean maySend(Request request, Phase phase, long nowMillis, Terms terms) {
    if (request instanceof Request.Renew) {
      // In the dark every request is answered when something happens; only the lease needs more.
      long pace = phase.dark() ? terms.leaseMillis() / 3 : terms.pollMillis();
      boolean due = pressing || nowMillis - renewedAt >= pace;
      return due && !out.containsKey(name(request)) && nowMillis >= pausedUntil;
    }
    Long last = answeredAt.get(name(request));
    boolean due = last == null || nowMillis < last || nowMillis - last >= terms.retryMillis();
    return due && !out.containsKey(name(request)) && nowMillis >= pausedUntil;
  }

  /** Something waits to be carried by the next renewal. */
  void renewSoon() {
    pressing = true;
  }

  void sent(Request request, long nowMillis) {
    out.put(name(request), nowMillis);
    if (request instanceof Request.Renew) {
      renewedAt = nowMillis;
      pressing = false;
    }
  }

  /** An answer came. Its report counts only if it is newer than what is known. */
  void answered(Request request, Answer answer, Moment moment, Terms terms) {
    out.remove(name(request));
    answeredAt.put(name(request), moment.millis());
    quietSinceNanos = null;
    seenMillis = moment.millis();
    map(answer, moment);
    if (!answer.agent().equals(agent)) {
      agent = answer.agent();
      hops.clear();
      sighting = Sighting.NONE;
    }
    Refusal refusal = answer.refusal();
    ClaimReport report = newer(answer.report());
    Flow flow = flow(answer);
    if (refusal != null) {
      pausedUntil = moment.millis() + terms.retryMillis();
    }
    if (report != null) {
      take(report);
    }
    String refused = refusal == null ? null : name(request);
    sighting = new Sighting(report, refusal, refused, null, List.copyOf(hops), 0, flow);
    renewedAt = moment.millis();
  }

  /**
   * No answer came; nothing is concluded but that it is quiet there. For how long is counted from
   * one such moment to another on the monotonic clock: an orchestrator that was suspended between
   * has heard nobody be silent, and a wall clock that steps makes nobody so.
   */
  void silent(Request request, String detail, long nowMillis, long nowNanos, Terms terms) {
    out.remove(name(request));
    pausedUntil = nowMillis + terms.retryMillis();
    long since = quietSinceNanos == null ? nowNanos : quietSinceNanos;
    quietSinceNanos = since;
    sighting = sighting.quiet(detail, (nowNanos - since) / 1_000_000);
  }

  /** A new phase asks new things: an old refusal is no answer to them. */
  void newPhase() {
    sighting = sighting.asked();
    pausedUntil = 0;
    answeredAt.clear();
  }

  /** As a new phase; nor does an old silence count. */
  void askAnew() {
    newPhase();
    quietSinceNanos = null;
    sighting =
        new Sighting(sighting.report(), null, null, null, sighting.hops(), 0, sighting.flow());
  }

  Live.SideView view() {
    Map.Entry<String, Long> oldest = out.isEmpty() ? null : out.entrySet().iterator().next();
    Refusal refusal = sighting.refusal();
    String trouble =
        refusal == null ? sighting.unreachable() : refusal.code() + ": " + refusal.detail();
    return new Live.SideView(
        sighting.report(),
        seenMillis,
        oldest == null ? null : oldest.getKey(),
        oldest == null ? 0 : oldest.getValue(),
        trouble,
        sighting.hops(),
        clock,
        sighting.flow());
  }

  private @Nullable ClaimReport newer(@Nullable ClaimReport report) {
    ClaimReport held = sighting.report();
    return report == null || isOlder(report, held) ? held : report;
  }

  /** What is held is no news, and tells nothing of the time since. */
  private Flow flow(Answer answer) {
    ClaimReport report = answer.report();
    ClaimReport held = sighting.report();
    return report == null || isOlder(report, held)
        ? sighting.flow()
        : sighting.flow().after(report, answer.answeredNanos());
  }

  private static boolean isOlder(ClaimReport report, @Nullable ClaimReport held) {
    return held != null && report.sequence() < held.sequence();
  }

  /**
   * Adds the hops that follow on those that are known. A restarted agent was asked for those after
   * the old process's; such a gap is filled by the next answer, which begins at the start again.
   */
  private void take(ClaimReport report) {
    int known = hops.size() - first(report);
    if (known >= 0) {
      report.hops().stream().skip(known).forEach(hops::add);
    }
  }

  /** The index of the report's first hop among all of the claim. */
  private static int first(ClaimReport report) {
    return report.hopsTotal() - report.hops().size();
  }

  /**
   * As in NTP: the two halves of the way are taken as equal; the error is at most half of the round
   * trip.
   */
  private void map(Answer answer, Moment moment) {
    long there = moment.askedEpochNanos() - answer.receivedNanos();
    long back = moment.epochNanos() - answer.answeredNanos();
    long trip = moment.epochNanos() - moment.askedEpochNanos();
    long uncertainty = Math.max(0, trip - (answer.answeredNanos() - answer.receivedNanos())) / 2;
    if (uncertainty <= clock.uncertaintyNanos()) {
      clock = new Live.ClockMapping((there + back) / 2, uncertainty);
    }
  }

  static String name(Request request) {
    return request.getClass().getSimpleName();
  }

  /** When an answer came and when it was asked for, in epoch time. */
  record Moment(long epochNanos, long askedEpochNanos) {
    long millis() {
      return epochNanos / 1_000_000;
    }
  }
}

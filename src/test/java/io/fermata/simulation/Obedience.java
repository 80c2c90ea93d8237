package io.fermata.simulation;

import io.fermata.handover.Claim;
import io.fermata.handover.Claims;
import io.fermata.handover.Epoch;
import io.fermata.handover.Event;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.Ticket;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Watches whom an agent obeys, from outside: what it was asked and what it answered. */
final class Obedience {
  private final SimHost host;
  private final Truth truth;
  private final Map<Long, Asked> asked = new TreeMap<>();
  private final Map<MigrationId, Long> heardAt = new TreeMap<>();
  private final Map<MigrationId, Integer> inTurn = new TreeMap<>();
  private long now;

  private record Asked(Request request, @Nullable Epoch before, boolean first) {}

  Obedience(SimHost host, Truth truth) {
    this.host = host;
    this.truth = truth;
  }

  /** These events are about to be taken. */
  void turn(List<Event> events, long nanos) {
    now = nanos;
    for (Event event : events) {
      if (event instanceof Event.Asked(Request request, Ticket ticket)) {
        MigrationId migration = request.header().migration();
        boolean first = inTurn.merge(migration, 1, Integer::sum) == 1;
        Epoch before = truth.will(host.name(), migration);
        asked.put(ticket.number(), new Asked(request, before, first));
      }
    }
  }

  /** Whoever was not turned away in the turn was heard in it. */
  void turned(long nanos) {
    inTurn.forEach((migration, heard) -> {
      if (heard > 0) {
        heardAt.put(migration, nanos);
      }
    });
    inTurn.clear();
  }

  void answered(Ticket ticket, Answer answer, Claims claims) {
    Asked question = asked.remove(ticket.number());
    if (question == null) {
      return;
    }
    MigrationId migration = question.request.header().migration();
    if (answer.refusal() != null) {
      if (isUnheard(answer.refusal())) {
        inTurn.computeIfPresent(migration, (m, heard) -> heard - 1);
      }
      return;
    }
    Epoch epoch = question.request.header().epoch();
    truth.obeyed(new Truth.Obeyed(host.name(), migration, epoch, question.before));
    ClaimReport report = answer.report();
    boolean renewal = question.request instanceof Request.Renew && question.first;
    Long heard = heardAt.get(migration);
    if (renewal && heard != null && report != null && report.side() == Side.SOURCE) {
      long lease =
          claims.all().stream()
              .filter(c -> c.migration().equals(migration))
              .mapToLong(Obedience::leaseNanos)
              .findFirst()
              .orElse(Long.MAX_VALUE);
      truth.renewed(new Truth.Renewal(host.name(), migration, now - heard, lease, isHeld(report)));
    }
  }

  private static boolean isUnheard(Refusal refusal) {
    return switch (refusal.code()) {
      case STALE_EPOCH, RIVAL_EPOCH, UNKNOWN_CLAIM, SLATE_UNREADABLE -> true;
      default -> false;
    };
  }

  private static long leaseNanos(Claim claim) {
    return claim.spec().leaseMillis() * World.MILLI;
  }

  private static boolean isHeld(ClaimReport report) {
    boolean given = report.receipts().stream().anyMatch(Receipt.Sealed.class::isInstance);
    return !given
        && switch (report.goal()) {
          case PRE_COPY, QUIESCED, FROZEN, COPYING -> true;
          case RUNNING, RESUMING, STOPPED -> false;
        };
  }
}

package io.fermata.api.view;

import io.fermata.migration.Owners;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A replica and what it owns.
 *
 * @param self whether it is the one that answers
 * @param leaseLeftMs how long its lease still runs; null where nobody could take over from it
 * @param alive whether its lease runs
 * @param owned how many open migrations it drives
 * @param migrations the first of them
 */
public record ReplicaView(
    String id,
    @Nullable String url,
    boolean self,
    boolean alive,
    @Nullable Instant started,
    @Nullable Long leaseLeftMs,
    int owned,
    List<HeldView> migrations) {
  private static final int SHOWN = 100;

  /** An open migration and the number of its owner's term. */
  public record HeldView(String id, long epoch) {}

  /** The view of one replica. */
  public static ReplicaView of(Owners.Holding holding, String self) {
    Owners.Owner owner = holding.owner();
    return new ReplicaView(
        owner.id(),
        owner.url().isEmpty() ? null : owner.url(),
        owner.id().equals(self),
        owner.lives(),
        owner.startedMillis() == 0 ? null : Instant.ofEpochMilli(owner.startedMillis()),
        owner.leased() ? owner.leaseLeftMillis() : null,
        holding.epochs().size(),
        holding.epochs().entrySet().stream()
            .limit(SHOWN)
            .map(each -> new HeldView(each.getKey(), each.getValue()))
            .toList());
  }

  /** The lines of a list for people, with what to run next. */
  public static String text(List<ReplicaView> replicas) {
    StringBuilder text = new StringBuilder();
    text.append("REPLICA     URL                              LEASE(ms)   OWNED  HIGHEST EPOCH\n");
    for (ReplicaView each : replicas) {
      long highest = each.migrations().stream().mapToLong(HeldView::epoch).max().orElse(0);
      text.append(
          String.format(
              Locale.ROOT,
              "%-11s %-32s %-11s %5d  %s%s%n",
              each.id() + (each.self() ? "*" : ""),
              each.url() == null ? "?" : each.url(),
              each.leaseLeftMs() == null ? "for ever" : lease(each.leaseLeftMs()),
              each.owned(),
              highest == 0 ? "-" : highest,
              !each.alive() && each.owned() > 0 ? "  nobody drives these" : ""));
    }
    long living = replicas.stream().filter(ReplicaView::alive).count();
    text.append(living).append(living == 1 ? " lives" : " live").append("; * answers\n");
    return text.append("next: curl \"$F/migrations?phase=active\"\n").toString();
  }

  private static String lease(long left) {
    return left > 0 ? String.valueOf(left) : "over " + -left;
  }
}

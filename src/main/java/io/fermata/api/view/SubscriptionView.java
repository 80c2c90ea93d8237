package io.fermata.api.view;

import io.fermata.webhook.DeadLetter;
import io.fermata.webhook.Webhooks;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A subscription without its secrets.
 *
 * @param secrets how many are active
 * @param cursor seq of the last event that needs no more delivery
 * @param failures how often the next event failed
 */
public record SubscriptionView(
    String id,
    String url,
    List<String> types,
    int secrets,
    String actor,
    Instant created,
    long cursor,
    long delivered,
    int failures,
    @Nullable Instant failingSince,
    @Nullable String error,
    List<Dead> dead) {

  /** An event that was given up. */
  public record Dead(long seq, String type, String error, Instant time) {}

  /** The view of a subscription. */
  public static SubscriptionView of(Webhooks.Listed listed) {
    var subscription = listed.subscription();
    var standing = listed.standing();
    Long since = standing.failingSince();
    return new SubscriptionView(
        subscription.id(),
        subscription.url(),
        subscription.types(),
        subscription.secrets().size(),
        subscription.actor(),
        Instant.ofEpochMilli(subscription.createdMillis()),
        standing.cursor(),
        standing.delivered(),
        standing.failures(),
        since == null ? null : Instant.ofEpochMilli(since),
        standing.error(),
        listed.dead().stream().map(SubscriptionView::dead).toList());
  }

  private static Dead dead(DeadLetter letter) {
    return new Dead(
        letter.seq(), letter.type(), letter.error(), Instant.ofEpochMilli(letter.millis()));
  }
}

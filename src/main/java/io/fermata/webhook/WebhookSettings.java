package io.fermata.webhook;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings {@code fermata.webhooks.*}.
 *
 * @param allow origins that may be sent to, such as {@code https://hooks.example.com}; a port that
 *     is not the scheme's own is part of it. None: no webhooks
 * @param source the CloudEvents source
 * @param epoch first part of every event's id; to be raised when a journal is restored from a
 *     backup, so that seqs which are given out again make new ids
 * @param timeout for a connection, and for each wait for the receiver
 * @param retryFirst pause after the first failure; it doubles with each
 * @param retryMax longest pause
 * @param giveUp how long an event is tried before it is a dead letter
 * @param subscriptionsMax how many there may be
 * @param deadMax dead letters that a subscription keeps
 */
@ConfigurationProperties(prefix = "fermata.webhooks", ignoreUnknownFields = false)
public record WebhookSettings(
    @DefaultValue List<String> allow,
    @DefaultValue("urn:fermata") String source,
    @DefaultValue("1") long epoch,
    @DefaultValue("10s") Duration timeout,
    @DefaultValue("1s") Duration retryFirst,
    @DefaultValue("5m") Duration retryMax,
    @DefaultValue("24h") Duration giveUp,
    @DefaultValue("50") int subscriptionsMax,
    @DefaultValue("1000") int deadMax) {
  public WebhookSettings {
    allow = List.copyOf(allow);
    allow.forEach(Egress::origin);
    within("epoch", epoch, 1, Long.MAX_VALUE);
    within("timeout", timeout.toMillis(), 10, 300_000);
    within("retry-first", retryFirst.toMillis(), 10, 600_000);
    within("retry-max", retryMax.toMillis(), retryFirst.toMillis(), 86_400_000);
    within("give-up", giveUp.toMillis(), 10, Duration.ofDays(30).toMillis());
    within("subscriptions-max", subscriptionsMax, 1, 10_000);
    within("dead-max", deadMax, 1, 100_000);
  }

  private static void within(String property, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "fermata.webhooks."
              + property
              + " must be from "
              + least
              + " to "
              + most
              + ", is "
              + value);
    }
  }
}

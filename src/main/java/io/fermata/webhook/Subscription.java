package io.fermata.webhook;

import java.util.List;

/**
 * Who wants to be told of what.
 *
 * @param types CloudEvents types, or beginnings of them up to a dot; empty for all
 * @param secrets one or two; the newest first
 * @param actor who subscribed
 * @param createdMillis when, epoch milliseconds
 */
public record Subscription(
    String id,
    String url,
    List<String> types,
    List<String> secrets,
    String actor,
    long createdMillis) {
  public Subscription {
    types = List.copyOf(types);
    secrets = List.copyOf(secrets);
  }

  /** Whether it wants events of that type. */
  boolean wants(String type) {
    return types.isEmpty()
        || types.stream().anyMatch(each -> each.equals(type) || type.startsWith(each + "."));
  }

  /** With a new secret; the one before it stays good, and older ones do not. */
  Subscription rotated(String secret) {
    return new Subscription(
        id, url, types, List.of(secret, secrets.getFirst()), actor, createdMillis);
  }
}

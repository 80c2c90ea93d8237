package io.fermata.handover.message;

import org.jspecify.annotations.Nullable;

/**
 * An agent's answer to a request.
 *
 * @param refusal why it was not taken, or null when it was
 * @param report the claim as it stands; null only when the agent has no such claim
 * @param agent the agent process that answers; another one means a restart
 * @param receivedNanos when the request arrived, agent's clock
 * @param answeredNanos when the answer left, agent's clock
 */
public record Answer(
    @Nullable Refusal refusal,
    @Nullable ClaimReport report,
    String agent,
    long receivedNanos,
    long answeredNanos) {}

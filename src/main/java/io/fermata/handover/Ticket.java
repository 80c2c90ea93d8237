package io.fermata.handover;

/**
 * A request that waits for its answer.
 *
 * @param number given by the shell that holds the connection
 * @param receivedNanos when it arrived, agent's clock
 */
public record Ticket(long number, long receivedNanos) {}

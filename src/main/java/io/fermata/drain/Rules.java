package io.fermata.drain;

/**
 * What holds for all drains.
 *
 * @param attempts how many migrations of a machine may fail before a person is asked
 * @param retryMillis how long a machine waits after one that failed
 * @param settleMillis how long every orchestrator may take to learn of a cordon
 */
public record Rules(int attempts, long retryMillis, long settleMillis) {}

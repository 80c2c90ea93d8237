package io.fermata.webhook;

/**
 * An event that was given up.
 *
 * @param error why it failed last
 * @param millis when it was given up, epoch milliseconds
 */
public record DeadLetter(String subscription, long seq, String type, String error, long millis) {}

package io.fermata.journal;

/**
 * The answer to one request, kept so that the same request gets the same answer.
 *
 * @param key the caller's Idempotency-Key, already scoped by whoever makes it
 * @param requestHash digest of the request, to tell a repeat from another request with the same key
 * @param answer what was answered
 * @param createdMillis epoch milliseconds; the retention counts from here
 */
public record Idempotency(String key, String requestHash, String answer, long createdMillis) {}

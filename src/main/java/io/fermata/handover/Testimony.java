package io.fermata.handover;

/**
 * An operator's word on a host that cannot speak for itself: that it is fenced, so that nothing of
 * the set runs or will run there. It takes the place of the receipt that this host would have given
 * and is kept on the disk of every agent that acts on it. No agent can check it: whoever says it of
 * a host that runs makes the guest run twice.
 *
 * @param actor who says so, as the API authenticated him
 * @param evidence what he knows it from, such as {@code BMC-off-1842}
 * @param reason why he decides so
 * @param givenMillis when he said it, epoch milliseconds of the orchestrator
 */
public record Testimony(String actor, String evidence, String reason, long givenMillis) {}

package io.fermata.handover;

import org.jspecify.annotations.Nullable;

/**
 * An operator's word on a host that cannot speak for itself: that it is fenced, so that nothing of
 * the set runs or will run there. It takes the place of the receipt that this host would have given
 * and is kept on the disk of every agent that acts on it. No agent can check whether it is true,
 * only whose it is: whoever says it of a host that runs makes the guest run twice.
 *
 * @param actor who says so, as the API authenticated him
 * @param evidence what he knows it from, such as {@code BMC-off-1842}
 * @param reason why he decides so
 * @param givenMillis when he said it, epoch milliseconds of the orchestrator
 * @param signature by his own key under the {@linkplain #statement statement}, Base64, or null
 */
public record Testimony(
    String actor, String evidence, String reason, long givenMillis, @Nullable String signature) {

  /** A word that nobody signed. */
  public Testimony(String actor, String evidence, String reason, long givenMillis) {
    this(actor, evidence, reason, givenMillis, null);
  }

  /**
   * What an operator signs: that in this migration this side is kept, on what he knows it from. The
   * orchestrator that carries his word has no say in it.
   */
  public static String statement(MigrationId migration, Side keep, String evidence, String reason) {
    return String.join("\n", "fermata word 1", migration.value(), keep.name(), evidence, reason);
  }
}

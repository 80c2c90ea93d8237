/**
 * What agents are asked and what they answer, one record each. Requests come from an orchestrator
 * and carry its epoch; peer messages come from the other agent of a hand-over and carry receipts.
 *
 * <p>The rule this room must never break: a message is a value; only {@code wire} knows how it is
 * written.
 */
@NullMarked
package io.fermata.handover.message;

import org.jspecify.annotations.NullMarked;

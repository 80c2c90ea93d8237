package io.fermata.handover.message;

import io.fermata.handover.Epoch;
import io.fermata.handover.MigrationId;

/**
 * What every request of an orchestrator carries.
 *
 * @param migration the claim that is meant
 * @param epoch the sender's term
 * @param awaitMillis how long the answer may wait for the goal; 0 answers at once
 * @param hopsSeen how many hop reports of this claim the sender has; the answer brings the later
 *     ones
 */
public record Header(MigrationId migration, Epoch epoch, long awaitMillis, int hopsSeen) {}

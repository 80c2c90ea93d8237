package io.fermata.steps;

import java.util.Set;

/**
 * One step of a run.
 *
 * @param row the row of a machine's table: machine, state, what came, what became of it
 * @param place machine and state alone
 * @param host the agent that took it, or empty for an orchestrator
 * @param ends the disturbances that make a difference to it
 */
record Step(int number, String row, String place, String host, Set<Disturbance> ends) {}

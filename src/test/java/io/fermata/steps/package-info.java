/**
 * Every step of a hand-over, disturbed in every way: the production's machines and loops play a
 * migration on a stage without threads and without chance, each step is numbered, and a run may be
 * disturbed at any of them.
 *
 * <p>Central types: {@link io.fermata.steps.Stage}, which plays one run, and {@link
 * io.fermata.steps.Exploration}, which finds the rows of the machines' tables by playing and
 * disturbs each.
 *
 * <p>The rule this room must never break: the rows come from what the machines do, never from a
 * list kept here, so that a new row is disturbed on the day it is written.
 */
package io.fermata.steps;

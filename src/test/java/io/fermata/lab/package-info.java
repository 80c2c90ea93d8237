/**
 * The kernel lab's proof: the packaged jar moves real VFIO devices between two machines. The
 * machines and their scripts are described in {@code src/test/lab/README.md}.
 *
 * <p>The rule this room must never break: what cannot be had is a failure, never a skipped test.
 */
package io.fermata.lab;

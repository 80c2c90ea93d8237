/**
 * Every runbook followed to its end: a running service is put into the incident that the alert
 * tells of, the {@code sh} blocks are run as they stand, and what the last one prints must prove
 * that it is over.
 */
@NullMarked
package io.fermata.incident;

import org.jspecify.annotations.NullMarked;

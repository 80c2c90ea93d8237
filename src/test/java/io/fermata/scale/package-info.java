/**
 * Many at once: whole agents by the hundred, migrations by the thousand, finished ones by the
 * hundred thousand, and the packaged orchestrator among them. {@code ScaleIT} is the small of it
 * and runs in {@code verify}; {@code ./mvnw -Pscale verify} is the whole, with a table of figures.
 */
@NullMarked
package io.fermata.scale;

import org.jspecify.annotations.NullMarked;

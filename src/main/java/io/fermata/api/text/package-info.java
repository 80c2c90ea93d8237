/**
 * The text form of the resources: what a person reads in a terminal.
 *
 * <p>Central type: {@link io.fermata.api.text.Sheet}, lines of at most 100 columns that end with
 * the command to run next.
 *
 * <p>The rule that this package must never break: it shows what the views hold and knows nothing
 * more; what is not known is a question mark.
 */
@NullMarked
package io.fermata.api.text;

import org.jspecify.annotations.NullMarked;

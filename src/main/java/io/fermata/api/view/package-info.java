/**
 * The JSON form of the resources.
 *
 * <p>Central type: {@link io.fermata.api.view.MigrationView}, made from what the other rooms know
 * by one {@code of}.
 *
 * <p>The rule that this package must never break: what is not known is null, never a guess, and no
 * secret is shown, above all not a migration's token.
 */
@NullMarked
package io.fermata.api.view;

import org.jspecify.annotations.NullMarked;

/**
 * What comes in: bodies, query parameters and the idempotency key, read strictly.
 *
 * <p>Central type: {@link io.fermata.api.request.Given}, which hands out fields by name and type
 * and remembers what was not as it should be.
 *
 * <p>The rule that this package must never break: nothing that a caller wrote is ignored. A field
 * that nobody asked for is a refusal, and so is a value that would have to be bent to fit.
 */
@NullMarked
package io.fermata.api.request;

import org.jspecify.annotations.NullMarked;

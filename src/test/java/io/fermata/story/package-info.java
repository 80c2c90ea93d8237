/** What the README promises to a person who has nothing but it and curl. */
@NullMarked
package io.fermata.story;

import org.jspecify.annotations.NullMarked;

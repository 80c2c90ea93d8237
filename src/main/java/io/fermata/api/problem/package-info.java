/**
 * Bad news as the API tells it: problem documents (RFC 9457) with a stable code.
 *
 * <p>Central type: {@link io.fermata.api.problem.Problem}; code throws {@link
 * io.fermata.api.problem.Refused} to answer with one.
 *
 * <p>The rule that this package must never break: every error that leaves this server is such a
 * document, whoever found it (a resource, Spring, Tomcat), and none shows the inside of the
 * program.
 */
@NullMarked
package io.fermata.api.problem;

import org.jspecify.annotations.NullMarked;

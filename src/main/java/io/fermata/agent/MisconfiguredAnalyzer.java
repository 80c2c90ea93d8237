package io.fermata.agent;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Prints what is wrong with the settings and nothing else; no stack trace helps to mend a file. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class MisconfiguredAnalyzer extends AbstractFailureAnalyzer<AgentMisconfigured> {
  private static final String ACTION =
      """
      Give the agent its settings, in a file named by --config=/path/agent.yml or as arguments:

        --fermata.agent.host=host-a --fermata.agent.directory=/var/lib/fermata \
      --fermata.agent.backend=emulated
      """;

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, AgentMisconfigured cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), ACTION, cause);
  }
}

package io.fermata.agent;

import java.util.List;
import org.springframework.boot.ExitCodeGenerator;

/** Settings with which no agent can start; each problem begins with its property. */
public final class AgentMisconfigured extends RuntimeException implements ExitCodeGenerator {
  private static final long serialVersionUID = 1L;
  private static final int EXIT_USAGE = 2;

  public AgentMisconfigured(List<String> problems) {
    super(String.join("\n", problems));
  }

  @Override
  public int getExitCode() {
    return EXIT_USAGE;
  }
}

package io.fermata.wire.tls;

import java.util.List;
import org.springframework.boot.ExitCodeGenerator;

/** Settings with which this process would be open to whoever reaches it; it does not start. */
public final class Unsafe extends RuntimeException implements ExitCodeGenerator {
  private static final long serialVersionUID = 1L;
  private static final int EXIT_USAGE = 2;

  public Unsafe(List<String> problems) {
    super(String.join("\n", problems));
  }

  @Override
  public int getExitCode() {
    return EXIT_USAGE;
  }
}

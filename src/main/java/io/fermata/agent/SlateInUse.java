package io.fermata.agent;

import java.nio.file.Path;

/** Another process works with the slate. This one must not start. */
public final class SlateInUse extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SlateInUse(Path directory) {
    super("another agent works in " + directory + "; each agent needs a directory of its own");
  }
}

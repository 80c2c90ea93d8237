package io.fermata.agent;

import io.fermata.handover.Fact;
import java.util.List;

/** In place of a slate that cannot be read. It knows nothing and takes nothing. */
record QuietSlate(String reason) implements Slate {
  @Override
  public String incarnation() {
    return "unreadable";
  }

  @Override
  public List<Fact> facts() {
    return List.of();
  }

  @Override
  public void append(List<Fact> facts) {
    throw new SlateFault("a quiet agent has recorded " + facts + "; " + reason);
  }

  @Override
  public void close() {}
}

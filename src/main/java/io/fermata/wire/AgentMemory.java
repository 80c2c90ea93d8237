package io.fermata.wire;

import io.fermata.handover.HostName;
import io.fermata.handover.message.Remembered;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of what an agent remembers, by migration.
 *
 * @param quiet why the agent cannot tell, or null when it can
 * @param claims open and closed ones
 * @param next the migration after which the next page begins, or null when this is the last
 */
public record AgentMemory(
    HostName host, @Nullable String quiet, List<Remembered> claims, @Nullable String next) {
  /** Claims on one page at most. */
  public static final int PAGE = 500;

  public AgentMemory {
    claims = List.copyOf(claims);
  }
}

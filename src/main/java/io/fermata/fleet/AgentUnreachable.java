package io.fermata.fleet;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/** A request that got no answer. Except for {@link Kind#REFUSED} nobody knows what became of it. */
public final class AgentUnreachable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** How the answer failed to come. */
  public enum Kind {
    /** No connection was made: the agent never heard of it. */
    REFUSED,
    /** No answer in time, or word of an overloaded agent. */
    TIMEOUT,
    /** The connection broke while the answer was awaited. */
    BROKEN,
    /** Something answered that is no agent, or one of another protocol version. */
    PROTOCOL
  }

  private final URI agent;
  private final Kind kind;

  AgentUnreachable(URI agent, Kind kind, String detail, @Nullable Throwable cause) {
    super(agent + ": " + kind + ": " + detail, cause);
    this.agent = agent;
    this.kind = kind;
  }

  public URI agent() {
    return agent;
  }

  public Kind kind() {
    return kind;
  }
}

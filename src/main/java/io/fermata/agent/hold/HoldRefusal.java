package io.fermata.agent.hold;

/**
 * Why the socket itself refuses; why a descriptor cannot be had is a {@link
 * io.fermata.agent.device.kernel.NotHeld.Code}.
 */
enum HoldRefusal {
  /** The packet cannot be read. */
  MALFORMED,
  /** It is of another version. */
  VERSION,
  /** Too long, or with too many descriptors. */
  TOO_LARGE,
  /** The settings do not let that user do that. */
  NOT_ALLOWED,
  /** Too many connections, or the agent is too busy to answer. */
  BUSY
}

package io.fermata.agent.device.emulated;

/** What a driver's saving session holds while the device still runs. */
enum Precopy {
  /** Nothing: all of the state is captured after the freeze. */
  NOTHING,
  /** Only the fixed first part, by which the destination can tell early that it does not fit. */
  SETUP,
  /** The state itself, in blocks; a block is sent again when its content has changed. */
  BLOCKS
}

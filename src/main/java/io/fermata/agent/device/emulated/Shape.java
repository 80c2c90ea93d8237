package io.fermata.agent.device.emulated;

/**
 * How a model's state is laid out; both ends of a migration must agree on it.
 *
 * @param model the model
 * @param stateBytes size of the state
 * @param blockBytes size of each block but the last, which may be shorter
 */
record Shape(String model, long stateBytes, long blockBytes) {

  int blocks() {
    return Math.toIntExact((stateBytes + blockBytes - 1) / blockBytes);
  }

  long lengthOf(int block) {
    return Math.min(blockBytes, stateBytes - block * blockBytes);
  }

  /** The size of an image that holds every block once. */
  long imageBytes() {
    return ImageHeader.BYTES + stateBytes + (blocks() + 1L) * BlockHead.BYTES;
  }
}

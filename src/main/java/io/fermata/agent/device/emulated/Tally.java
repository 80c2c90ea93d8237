package io.fermata.agent.device.emulated;

/**
 * What the devices of a host counted.
 *
 * @param delivered peer DMA that arrived
 * @param lostDma peer DMA that hit a device which was, or may have been, frozen: each one is data
 *     that the guest has lost
 * @param changedAfterFreeze changes of a device that was frozen: each one is missing in the image
 */
public record Tally(long delivered, long lostDma, long changedAfterFreeze) {

  /** Both together. */
  Tally plus(Tally other) {
    return new Tally(
        delivered + other.delivered,
        lostDma + other.lostDma,
        changedAfterFreeze + other.changedAfterFreeze);
  }
}

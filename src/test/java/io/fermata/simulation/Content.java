package io.fermata.simulation;

/**
 * What a device holds of a guest.
 *
 * @param slot which of the guest's devices it is
 * @param version a number that no other state of any device ever has; it advances whenever the
 *     state may have changed
 */
public record Content(String guest, int slot, long version) {
  /** Names the device of the guest, whatever its version. */
  public String key() {
    return guest + "/" + slot;
  }

  String digest() {
    String hex = Long.toHexString((long) key().hashCode() << 32 ^ version);
    return "0".repeat(64 - hex.length()) + hex;
  }
}

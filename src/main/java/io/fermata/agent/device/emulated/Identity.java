package io.fermata.agent.device.emulated;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * Whose state a device holds: which guest's, and which of that guest's devices it was at the start.
 * It travels in the image. A blank device holds nobody's state and does no DMA.
 *
 * @param guest the guest, or empty for nobody
 * @param origin the name of the device on the host where the guest started
 */
public record Identity(String guest, String origin) {
  /** Nobody's state. */
  static final Identity BLANK = new Identity("", "");

  public Identity {
    if (!guest.matches("[A-Za-z0-9._:-]{0,64}") || !origin.matches("[A-Za-z0-9._:-]{0,64}")) {
      throw new IllegalArgumentException(
          "a guest and a device are named by up to 64 letters, digits and ._:-");
    }
  }

  /** Whether this is nobody's state. */
  public boolean isBlank() {
    return guest.isEmpty();
  }

  /** A number that content is made from: the same on every host. */
  long seed() {
    CRC32C sum = new CRC32C();
    sum.update((guest + '/' + origin).getBytes(StandardCharsets.UTF_8));
    return Content.mix(sum.getValue());
  }
}

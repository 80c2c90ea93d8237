package io.fermata.handover;

import io.fermata.device.DeviceName;
import java.util.List;

/**
 * What one device's whole image is recognised by.
 *
 * @param device the device's name at the destination
 * @param bytes length of the image
 * @param sha256 lower-case hexadecimal
 */
public record ImageDigest(DeviceName device, long bytes, String sha256) {
  /** Whether a copy has the images that the other side speaks of: all of them, and no others. */
  static boolean same(List<ImageDigest> these, List<ImageDigest> those) {
    return these.equals(those);
  }
}

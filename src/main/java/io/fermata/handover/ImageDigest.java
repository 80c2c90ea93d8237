package io.fermata.handover;

import io.fermata.device.DeviceName;

/**
 * What one device's whole image is recognised by.
 *
 * @param device the device's name at the destination
 * @param bytes length of the image
 * @param sha256 lower-case hexadecimal
 */
public record ImageDigest(DeviceName device, long bytes, String sha256) {}

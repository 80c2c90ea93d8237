package io.fermata.agent.device;

import org.jspecify.annotations.Nullable;

/**
 * What a device is: the key under which latencies are learned and devices are matched.
 *
 * @param backend {@code vfio} or {@code sim}
 * @param driver the driver's name, such as {@code mlx5} or {@code mtty}
 * @param model what a pair must agree on beyond the driver, such as {@code gpu-80g} or {@code
 *     mtty-1}
 * @param parent the physical function whose command queue it shares, or null
 */
public record DeviceProfile(String backend, String driver, String model, @Nullable String parent) {

  /** Driver and model in one word. */
  public String key() {
    return driver + "/" + model;
  }
}

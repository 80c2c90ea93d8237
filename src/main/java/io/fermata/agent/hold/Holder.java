package io.fermata.agent.hold;

import io.fermata.agent.device.kernel.KernelHost;
import io.fermata.device.DeviceName;
import org.jspecify.annotations.Nullable;

/**
 * Whoever holds the descriptors. Every method returns when it is done, and throws {@link
 * io.fermata.agent.device.kernel.NotHeld} when it cannot be.
 */
public interface Holder {
  /** Takes over descriptors that somebody sent, whatever happens. */
  void take(DeviceName device, int descriptor, @Nullable Integer iommu);

  /** Hands the descriptors to somebody; they stay the holder's. */
  void lend(DeviceName device, KernelHost.Borrower borrower);

  /** Takes a copy out of a process. */
  void adopt(DeviceName device, int pid);

  /** Gets it the way the settings say. */
  void hold(DeviceName device);

  /** Lets go of it; not while a migration holds the device. */
  void release(DeviceName device);
}

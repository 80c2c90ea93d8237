package io.fermata.device;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a device's driver offers for migration (uapi {@code VFIO_DEVICE_FEATURE_MIGRATION} flags and
 * DMA logging).
 */
public record Capabilities(Set<Capability> offered) {
  /** One thing that a driver may offer. */
  public enum Capability {
    /** Bit 0: the device can be stopped and its state moved. Without it nothing works. */
    STOP_COPY(1),
    /** Bit 1: the device has the *_P2P states: it can stop issuing DMA and still take it. */
    P2P(2),
    /** Bit 2: state can be read while the device runs. */
    PRE_COPY(4),
    /** The device logs its DMA writes; not part of the migration flags. */
    DMA_LOGGING(0);

    private final int flag;

    Capability(int flag) {
      this.flag = flag;
    }
  }

  public Capabilities {
    offered = Collections.unmodifiableSet(new TreeSet<>(offered));
  }

  /** A set of capabilities by name. */
  public static Capabilities of(Capability... offered) {
    return new Capabilities(Set.of(offered));
  }

  /** What the kernel's migration flags say; bits that are not known here are left out. */
  public static Capabilities ofFlags(long flags) {
    Set<Capability> found = EnumSet.noneOf(Capability.class);
    for (Capability capability : Capability.values()) {
      if ((flags & capability.flag) != 0) {
        found.add(capability);
      }
    }
    return new Capabilities(found);
  }

  /** The kernel's migration flags. */
  public int flags() {
    return offered.stream().mapToInt(c -> c.flag).sum();
  }

  /** Whether the driver offers this. */
  public boolean has(Capability capability) {
    return offered.contains(capability);
  }

  /** Whether a device with these capabilities can ever be in that state. */
  public boolean supports(DeviceState state) {
    return switch (state) {
      case RUNNING, ERROR -> true;
      case STOP, STOP_COPY, RESUMING -> has(Capability.STOP_COPY);
      case RUNNING_P2P -> has(Capability.P2P);
      case PRE_COPY -> has(Capability.PRE_COPY);
      case PRE_COPY_P2P -> has(Capability.PRE_COPY) && has(Capability.P2P);
      case UNKNOWN -> false;
    };
  }
}

package io.fermata.agent.device;

import io.fermata.device.DeviceState;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;

/**
 * A device that is made slower. A test setting: the kernel's sample driver takes no time for a hop,
 * and a barrier over devices that take no time proves little. What it adds is no property of any
 * driver, and a report made with it must say so.
 *
 * <p>The time is spent before the hop is asked, so the state that a GET shows meanwhile is the old
 * one, and true.
 */
public final class PacedDevice extends ForwardingDevice {
  private final Pace pace;
  private final Pause pause;

  /**
   * What is added.
   *
   * @param into before a hop into that state; none where it names none
   * @param perRead before each read of the state image
   */
  public record Pace(Map<DeviceState, Duration> into, Duration perRead) {
    public Pace {
      into = Map.copyOf(into);
    }
  }

  /** Lets time pass on the calling thread. */
  public interface Pause {
    void of(Duration time);
  }

  public PacedDevice(DeviceControl device, Pace pace, Pause pause) {
    super(device);
    this.pace = pace;
    this.pause = pause;
  }

  @Override
  public void move(DeviceState to) {
    pause.of(pace.into().getOrDefault(to, Duration.ZERO));
    super.move(to);
  }

  @Override
  public int read(ByteBuffer into) {
    pause.of(pace.perRead());
    return super.read(into);
  }
}

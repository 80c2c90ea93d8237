package io.fermata.agent.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The time is spent before the device is asked, and only where the pace names it. */
class PacedDeviceTest {
  private final List<String> order = new ArrayList<>();

  @Test
  void aHopWaitsBeforeItIsAsked() {
    PacedDevice.Pace pace =
        new PacedDevice.Pace(Map.of(DeviceState.STOP, Duration.ofMillis(20)), Duration.ofMillis(3));
    try (PacedDevice device = new PacedDevice(new Recorded(), pace, time -> order.add("" + time))) {
      device.move(DeviceState.RUNNING_P2P);
      device.move(DeviceState.STOP);
      assertEquals(7, device.read(ByteBuffer.allocate(7)));
      assertEquals(DeviceState.STOP, device.state());
    }
    assertEquals(
        List.of("PT0S", "RUNNING_P2P", "PT0.02S", "STOP", "PT0.003S", "read", "close"), order);
  }

  /** A device that notes what it is asked. */
  private final class Recorded implements DeviceControl {
    private DeviceState state = DeviceState.RUNNING;

    @Override
    public DeviceName name() {
      return new DeviceName("d");
    }

    @Override
    public DeviceProfile profile() {
      return new DeviceProfile("vfio", "mtty", "mtty-1", null);
    }

    @Override
    public Capabilities capabilities() {
      return Capabilities.ofFlags(7);
    }

    @Override
    public DeviceState state() {
      return state;
    }

    @Override
    public void move(DeviceState to) {
      order.add(to.toString());
      state = to;
    }

    @Override
    public void reset() {
      order.add("reset");
    }

    @Override
    public long dataSize() {
      return 7;
    }

    @Override
    public PrecopyInfo precopy() {
      return new PrecopyInfo(0, 0, false);
    }

    @Override
    public int read(ByteBuffer into) {
      order.add("read");
      return into.remaining();
    }

    @Override
    public void write(ByteBuffer from) {
      order.add("write");
    }

    @Override
    public void close() {
      order.add("close");
    }
  }
}

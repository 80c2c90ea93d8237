package io.fermata.agent.device;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fermata.agent.device.CorruptedDevice.Damage;
import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What a destination's driver is to notice is in every image, whole or in pieces. */
class CorruptedDeviceTest {
  private static final byte[] IMAGE = "0123456789abcdef".getBytes(US_ASCII);

  @Test
  void onlyTheFirstByteOfEachImageIsInverted() {
    var device = new CorruptedDevice(new Reading(), Damage.FIRST_BYTE);
    for (int image = 0; image < 2; image++) {
      device.move(DeviceState.STOP_COPY);
      byte[] read = readAll(device, 5);
      assertEquals(16, read.length);
      assertEquals((byte) ~'0', read[0]);
      assertEquals("123456789abcdef", new String(read, 1, 15, US_ASCII));
      device.move(DeviceState.STOP);
    }
  }

  @Test
  void theEndComesEightBytesEarly() {
    var device = new CorruptedDevice(new Reading(), Damage.SHORT);
    for (int pieces : new int[] {3, 100}) {
      device.move(DeviceState.STOP_COPY);
      byte[] read = readAll(device, pieces);
      assertEquals("01234567", new String(read, US_ASCII));
      device.reset();
    }
  }

  private static byte[] readAll(DeviceControl device, int piece) {
    ByteBuffer all = ByteBuffer.allocate(64);
    ByteBuffer buffer = ByteBuffer.allocate(piece);
    while (device.read(buffer.clear()) > 0) {
      all.put(buffer.flip());
    }
    byte[] read = new byte[all.position()];
    all.get(0, read);
    return read;
  }

  /** A device that gives one image in each session. */
  private static final class Reading implements DeviceControl {
    private ByteBuffer image = ByteBuffer.wrap(IMAGE);

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
      return DeviceState.STOP_COPY;
    }

    @Override
    public void move(DeviceState to) {
      image = ByteBuffer.wrap(IMAGE);
    }

    @Override
    public void reset() {
      image = ByteBuffer.wrap(IMAGE);
    }

    @Override
    public long dataSize() {
      return IMAGE.length;
    }

    @Override
    public PrecopyInfo precopy() {
      return new PrecopyInfo(0, 0, false);
    }

    @Override
    public int read(ByteBuffer into) {
      int bytes = Math.min(into.remaining(), image.remaining());
      into.put(image.slice(image.position(), bytes));
      image.position(image.position() + bytes);
      return bytes;
    }

    @Override
    public void write(ByteBuffer from) {}

    @Override
    public void close() {}
  }
}

package io.fermata.agent.device.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceFault;
import io.fermata.agent.device.Errno;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.function.Executable;

/** What the stories of this package start from. */
final class Rig {
  private Rig() {}

  /** A host whose DMA happens at state changes and when the test says so. */
  static EmulatedHost host(Pace pace, DeviceSettings... devices) {
    HostSettings settings = HostSettings.of("a", List.of(devices)).ticking(Duration.ZERO);
    return new EmulatedHost(settings, pace, SplittableRandom::new);
  }

  /** A device alone on its host, in virtual time. */
  static EmulatedDevice alone(DeviceSettings settings) {
    return host(new VirtualPace(), settings).device(new DeviceName(settings.name()));
  }

  /** A small device of that profile with these migration flags. */
  static DeviceSettings small(EmulatedProfile profile, int flags) {
    return DeviceSettings.blank("dev0", profile)
        .with(
            Traits.OF_PROFILE
                .withFlags(flags)
                .withStateBytes(10_000)
                .withLatencies(HopLatencies.NONE));
  }

  static void move(DeviceControl device, DeviceState... states) {
    for (DeviceState state : states) {
      device.move(state);
    }
  }

  /** Everything that can be read now, in pieces of that size. */
  static byte[] drain(DeviceControl device, int pieceBytes) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer piece = ByteBuffer.allocate(pieceBytes);
    while (device.read(piece.clear()) > 0) {
      all.write(piece.array(), 0, piece.position());
    }
    return all.toByteArray();
  }

  static void feed(DeviceControl device, byte[] image, int pieceBytes) {
    for (int at = 0; at < image.length; at += pieceBytes) {
      device.write(ByteBuffer.wrap(image, at, Math.min(pieceBytes, image.length - at)));
    }
  }

  static void refused(Errno expected, Executable call) {
    assertEquals(expected, assertThrows(DeviceFault.class, call).errno());
  }
}

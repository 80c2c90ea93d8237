package io.fermata.agent.device.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fermata.device.DeviceState;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class SettingsBindTest {

  @Test
  void aHostIsWrittenInConfigurationWithWhatDiffersAndNothingElse() {
    Map<String, String> text =
        Map.of(
            "host.devices[0].name", "gpu0",
            "host.devices[0].profile", "gpu",
            "host.devices[0].guest", "vm1",
            "host.devices[0].traits.state-bytes", "4096",
            "host.devices[0].traits.latencies.freeze", "7ms",
            "host.devices[0].faults[0].kind", "hang",
            "host.devices[0].faults[0].to", "stop-copy",
            "host.devices[0].faults[0].duration", "2s",
            "host.devices[1].name", "nic0",
            "host.devices[1].profile", "connectx");
    HostSettings host =
        new Binder(new MapConfigurationPropertySource(text)).bind("host", HostSettings.class).get();
    assertEquals(Duration.ofMillis(1), host.tick());
    DeviceSettings gpu = host.devices().getFirst();
    assertEquals(4096, gpu.stateBytes());
    assertEquals(7, gpu.capabilities().flags());
    assertEquals(Duration.ofMillis(7), gpu.latencies().freeze());
    assertEquals(
        new Fault(Fault.Kind.HANG, null, DeviceState.STOP_COPY, 1, 5, 0, Duration.ofSeconds(2)),
        gpu.faults().getFirst());
    assertEquals(EmulatedProfile.CONNECTX.latencies(), host.devices().get(1).latencies());
  }

  @Test
  void namesThatWouldBreakTheEventFileAreRefused() {
    DeviceSettings quoted = DeviceSettings.blank("a", EmulatedProfile.GPU).holding("vm\"1");
    assertThrows(IllegalArgumentException.class, () -> Rig.alone(quoted));
    assertThrows(IllegalArgumentException.class, () -> DemoSet.destination("h\"1"));
  }

  @Test
  void twoDevicesOfOneNameAreRefused() {
    DeviceSettings device = DeviceSettings.blank("a", EmulatedProfile.GPU);
    assertThrows(IllegalArgumentException.class, () -> Rig.host(new VirtualPace(), device, device));
  }
}

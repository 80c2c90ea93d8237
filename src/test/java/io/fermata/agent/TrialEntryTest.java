package io.fermata.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.device.CorruptedDevice.Damage;
import io.fermata.device.DeviceState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Devices that misbehave on purpose: as they are written, and what is refused. */
class TrialEntryTest {
  private static final String AGENT = "fermata.agent.";

  @Test
  void allThatATrialCanSayIsRead() {
    Map<String, String> written = kernelAgent();
    written.put(AGENT + "trial[0].device", "d0");
    written.put(AGENT + "trial[0].into.stop-copy", "20ms");
    written.put(AGENT + "trial[0].per-read", "3s");
    written.put(AGENT + "trial[0].damage", "first-byte");
    written.put(AGENT + "trial[0].gates", "/gates");
    var into = Map.of(DeviceState.STOP_COPY, Duration.ofMillis(20));
    var entry = new TrialEntry("d0", into, Duration.ofSeconds(3), Damage.FIRST_BYTE, Path.of("/gates"));
    assertEquals(entry, bound(written).trial().getFirst());
  }

  @Test
  void aTrialOfADeviceThatIsNotThereIsAnError() {
    Map<String, String> written = kernelAgent();
    written.put(AGENT + "trial[0].device", "d1");
    String problem = problem(written);
    assertTrue(problem.startsWith("fermata.agent.trial[0].device: no device"), problem);
  }

  @Test
  void emulatedDevicesHaveTheirOwnWay() {
    Map<String, String> written = kernelAgent();
    written.put(AGENT + "backend", "emulated");
    written.put(AGENT + "devices[0].profile", "gpu");
    written.put(AGENT + "trial[0].device", "d0");
    assertTrue(problem(written).contains("trial[0]: only for kernel devices"), problem(written));
  }

  private static Map<String, String> kernelAgent() {
    Map<String, String> written = new LinkedHashMap<>();
    written.put(AGENT + "host", "host-a");
    written.put(AGENT + "directory", "d");
    written.put(AGENT + "backend", "kernel");
    written.put(AGENT + "data-plane.tls", "off");
    written.put(AGENT + "devices[0].name", "d0");
    written.put(AGENT + "devices[0].pci", "0000:06:0d.0");
    return written;
  }

  private static String problem(Map<String, String> written) {
    Throwable cause = assertThrows(BindException.class, () -> bound(written));
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }

  private static AgentSettings bound(Map<String, String> written) {
    return new Binder(new MapConfigurationPropertySource(written))
        .bindOrCreate("fermata.agent", AgentSettings.class);
  }
}

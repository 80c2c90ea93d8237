package io.fermata.agent.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.wire.frame.Packing;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings that cannot work are named at the start, and addresses are read as they are written. */
class StreamSettingsTest {

  @Test
  void everyLimitNamesItsProperty() {
    assertNames("bind", () -> new StreamSettings("here", 4096, 1, 1_000, 100, 100, 5));
    assertNames("frame-bytes", () -> new StreamSettings("h:1", 1, 1, 1_000, 100, 100, 5));
    assertNames("buffers", () -> new StreamSettings("h:1", 4096, 0, 1_000, 100, 100, 5));
    assertNames("idle", () -> new StreamSettings("h:1", 4096, 1, 1, 100, 100, 5));
    assertNames("grace", () -> new StreamSettings("h:1", 4096, 1, 1_000, 500, 100, 5));
    assertNames("progress-millis", () -> new StreamSettings("h:1", 4096, 1, 1_000, 100, 0, 5));
    assertNames("drain-millis", () -> new StreamSettings("h:1", 4096, 1, 1_000, 100, 100, 0));
  }

  @Test
  void everyLimitOfAnOutageNamesItsProperty() {
    assertNames("resume", () -> new StreamSettings.Resuming(600_001, 1, 8, 1));
    assertNames("resume-frozen", () -> new StreamSettings.Resuming(100, 101, 8, 1));
    assertNames("resume-frames", () -> new StreamSettings.Resuming(100, 1, 3, 1));
    assertNames("resume-buffers", () -> new StreamSettings.Resuming(100, 1, 4, -1));
    assertTrue(StreamSettings.at("h:1").resuming().isOn());
    assertFalse(StreamSettings.Resuming.NONE.isOn());
  }

  @Test
  void whoPacksMustMendStreams() {
    var zstd = new Compression.Choice(Packing.ZSTD, Compression.LEVEL_USUAL);
    var some = new Compression(Map.of("mlx5/m", zstd));
    assertEquals(some, StreamSettings.at("h:1").with(some).compression());
    assertNames("compression", () -> TwoHosts.SETTINGS.with(some));
    for (int level : new int[] {Compression.LEVEL_LEAST - 1, Compression.LEVEL_MOST + 1}) {
      assertThrows(
          IllegalArgumentException.class, () -> new Compression.Choice(Packing.ZSTD, level));
    }
  }

  @Test
  void anAddressThatCannotBeBoundIsNamed() {
    StreamSettings settings = StreamSettings.at("192.0.2.1:0");
    var fault =
        assertThrows(
            UncheckedIOException.class,
            () -> new DataPlane(List.of(), settings, System::nanoTime, event -> {}).close());
    assertTrue(fault.getMessage().startsWith("fermata.agent.data-plane.bind 192.0.2.1:0"));
  }

  @ParameterizedTest
  @CsvSource({"host-b:7700,host-b", "10.0.0.2:7700,10.0.0.2", "[fe80::1]:7700,fe80::1"})
  void anEndpointIsReadAsItIsWritten(String text, String host) {
    assertEquals(new Endpoint(host, 7700), Endpoint.parse(text));
    assertEquals(text, Endpoint.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "host", ":1", "host:", "host:65536", "fe80::1:7700", "a b:1", "h:-1"})
  void whatIsNoEndpointIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Endpoint.parse(text));
  }

  private static void assertNames(String property, Executable wrong) {
    var fault = assertThrows(IllegalArgumentException.class, wrong);
    assertTrue(fault.getMessage().startsWith("fermata.agent.data-plane." + property + " "));
  }
}

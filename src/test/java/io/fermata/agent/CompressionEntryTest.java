package io.fermata.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.stream.Compression;
import io.fermata.wire.frame.Packing;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Whose images are packed is written by hand: every mistake is named before the agent starts. */
class CompressionEntryTest {
  private static final String KEY = "fermata.agent.data-plane.compression";

  private final Map<String, String> told =
      new HashMap<>(
          Map.of(
              "fermata.agent.host", "host-a",
              "fermata.agent.directory", "/nowhere",
              "fermata.agent.backend", "emulated"));

  private Compression compression() {
    AgentSettings settings =
        new Binder(new MapConfigurationPropertySource(told))
            .bind("fermata.agent", AgentSettings.class)
            .get();
    return CompressionEntry.all(settings.dataPlane().compression());
  }

  private void tell(int entry, String profile, String codec, String level) {
    String at = KEY + "[" + entry + "].";
    Map<String, String> all = new HashMap<>();
    all.put(at + "profile", profile);
    all.put(at + "codec", codec);
    all.put(at + "level", level);
    all.values().removeIf(value -> value == null);
    told.putAll(all);
  }

  private String refusal() {
    Throwable refused = assertThrows(BindException.class, this::compression);
    while (refused.getCause() != null) {
      refused = refused.getCause();
    }
    return String.valueOf(refused.getMessage());
  }

  @Test
  void byItselfNothingIsPacked() {
    assertEquals(Compression.NONE, compression());
  }

  @Test
  void whatIsToldIsDone() {
    tell(0, "mlx5/connectx-a", "lz4", null);
    tell(1, "gpu/gpu-a", "zstd", null);
    tell(2, "qat/qat-a", "zstd", "3");
    assertEquals(
        new Compression(
            Map.of(
                "mlx5/connectx-a", new Compression.Choice(Packing.LZ4, -5),
                "gpu/gpu-a", new Compression.Choice(Packing.ZSTD, -5),
                "qat/qat-a", new Compression.Choice(Packing.ZSTD, 3))),
        compression());
  }

  @ParameterizedTest
  @CsvSource({
    ", lz4, , .profile: must be DRIVER/MODEL",
    "mlx5, lz4, , .profile: must be DRIVER/MODEL",
    "mlx5/a, , , '.codec: must be one of [lz4, zstd], is null'",
    "mlx5/a, gzip, , '.codec: must be one of [lz4, zstd], is gzip'",
    "mlx5/a, LZ4, , '.codec: must be one of [lz4, zstd], is LZ4'",
    "mlx5/a, lz4, 1, .level: is for zstd only",
    "mlx5/a, zstd, 10, '.level: must be between -7 and 9, is 10'",
    "mlx5/a, zstd, -8, '.level: must be between -7 and 9, is -8'",
  })
  void everyMistakeIsNamedByItsKey(String profile, String codec, String level, String problem) {
    tell(0, profile, codec, level);
    String refusal = refusal();
    assertTrue(refusal.contains(KEY + "[0]" + problem), refusal);
  }

  @Test
  void aProfileIsToldOnce() {
    tell(0, "mlx5/a", "lz4", null);
    tell(1, "mlx5/a", "zstd", null);
    assertTrue(refusal().contains(KEY + "[1].profile: 'mlx5/a' is used twice"), refusal());
  }

  @Test
  void whoDoesNotMendStreamsCannotPackThem() {
    tell(0, "mlx5/a", "lz4", null);
    told.put("fermata.agent.data-plane.resume", "0");
    told.put("fermata.agent.data-plane.resume-frozen", "0");
    assertTrue(refusal().contains(KEY + ": needs resume above 0"), refusal());
  }
}

package io.fermata.agent;

import io.fermata.agent.stream.Compression;
import io.fermata.wire.frame.Packing;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One profile whose images are packed on their way.
 *
 * @param profile driver and model, exactly as the host's devices are listed: {@code
 *     mlx5/connectx-a}
 * @param codec {@code lz4} or {@code zstd}
 * @param level of zstd; null for {@value Compression#LEVEL_USUAL}
 */
public record CompressionEntry(
    @Nullable String profile, @Nullable String codec, @Nullable Integer level) {

  /** What is wrong with them, each beginning with the property below the data plane. */
  static List<String> problems(List<CompressionEntry> entries) {
    List<String> problems = new ArrayList<>();
    Set<String> profiles = new HashSet<>();
    for (int i = 0; i < entries.size(); i++) {
      String property = "compression[" + i + "]";
      CompressionEntry entry = entries.get(i);
      entry.problem().ifPresent(problem -> problems.add(property + problem));
      String profile = entry.profile;
      if (profile != null && !profiles.add(profile)) {
        problems.add(property + ".profile: '" + profile + "' is used twice");
      }
    }
    return problems;
  }

  private Optional<String> problem() {
    if (profile == null || !profile.matches("[^/]+/.+")) {
      return Optional.of(".profile: must be DRIVER/MODEL, is " + profile);
    }
    Optional<Packing> packing = packing();
    if (packing.isEmpty()) {
      List<String> all = Stream.of(Packing.values()).map(Packing::word).toList();
      return Optional.of(".codec: must be one of %s, is %s".formatted(all, codec));
    }
    if (level != null && packing.get() != Packing.ZSTD) {
      return Optional.of(".level: is for zstd only");
    }
    int at = levelOrUsual();
    return at >= Compression.LEVEL_LEAST && at <= Compression.LEVEL_MOST
        ? Optional.empty()
        : Optional.of(
            ".level: must be between %d and %d, is %d"
                .formatted(Compression.LEVEL_LEAST, Compression.LEVEL_MOST, at));
  }

  private Optional<Packing> packing() {
    return codec == null ? Optional.empty() : Packing.of(codec);
  }

  private int levelOrUsual() {
    return Objects.requireNonNullElse(level, Compression.LEVEL_USUAL);
  }

  /** The same for the streams; only where there is no problem. */
  static Compression all(List<CompressionEntry> entries) {
    Map<String, Compression.Choice> choices = new TreeMap<>();
    for (CompressionEntry entry : entries) {
      choices.put(
          String.valueOf(entry.profile),
          new Compression.Choice(entry.packing().orElseThrow(), entry.levelOrUsual()));
    }
    return new Compression(choices);
  }
}

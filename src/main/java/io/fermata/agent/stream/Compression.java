package io.fermata.agent.stream;

import io.fermata.wire.frame.Packing;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Setting {@code fermata.agent.data-plane.compression}: whose images this host packs when it sends
 * them. What it unpacks is not a setting: that is the sender's choice.
 *
 * @param choices by the key of the device's profile; others go out as they are
 */
public record Compression(Map<String, Choice> choices) {
  /** What an agent does that was told nothing. */
  public static final Compression NONE = new Compression(Map.of());

  /** Packs device-like data about as small as LZ4, and unpacks it faster. */
  public static final int LEVEL_USUAL = -5;

  /** The fastest. */
  public static final int LEVEL_LEAST = -7;

  /** The smallest; a higher one takes more native memory for each stream than its frames do. */
  public static final int LEVEL_MOST = 9;

  /**
   * How one profile's images are packed.
   *
   * @param level of Zstandard; the others have none
   */
  public record Choice(Packing packing, int level) {
    public Choice {
      if (level < LEVEL_LEAST || level > LEVEL_MOST) {
        throw new IllegalArgumentException(
            "a level must be between %d and %d, is %d".formatted(LEVEL_LEAST, LEVEL_MOST, level));
      }
    }
  }

  public Compression {
    choices = Map.copyOf(choices);
  }

  /** How that profile's images go out to a destination that can unpack these. */
  Optional<Choice> choice(String profile, Set<Packing> there) {
    return Optional.ofNullable(choices.get(profile))
        .filter(choice -> there.contains(choice.packing()));
  }

  /** What this host must be able to do for it. */
  Set<Packing> packings() {
    Set<Packing> all = EnumSet.noneOf(Packing.class);
    choices.values().forEach(choice -> all.add(choice.packing()));
    return all;
  }
}

package io.fermata.scale;

import io.fermata.chaos.process.DeviceLine;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How many guests were dark at once, by their devices' own word: a guest is, from the moment that
 * the first of its devices begins to leave RUNNING until the last one is back there, wherever.
 */
final class DarkGuests {
  private final Map<String, Set<String>> away = new HashMap<>();
  private int most;

  /**
   * @param lines in the order of time
   */
  static int most(List<DeviceLine> lines) {
    DarkGuests dark = new DarkGuests();
    lines.forEach(dark::take);
    return dark.most;
  }

  private void take(DeviceLine line) {
    String number = line.device().substring(1); // a set keeps its numbers wherever it goes
    if (line.guest().isEmpty()) {
      return;
    }
    if (line.kind().equals("BEGAN") && line.from().equals("RUNNING")) {
      away.computeIfAbsent(line.guest(), g -> new HashSet<>()).add(number);
      most = Math.max(most, away.size());
    } else if (line.kind().equals("MOVED") && line.to().equals("RUNNING")) {
      Set<String> left = away.getOrDefault(line.guest(), new HashSet<>());
      left.remove(number);
      if (left.isEmpty()) {
        away.remove(line.guest());
      }
    }
  }
}

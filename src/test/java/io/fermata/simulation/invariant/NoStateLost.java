package io.fermata.simulation.invariant;

import io.fermata.device.DeviceState;
import io.fermata.simulation.Content;
import io.fermata.simulation.Truth;
import io.fermata.simulation.Violation;
import java.util.Set;
import java.util.TreeSet;

/**
 * S4: the newest state of every device exists somewhere, unless the device itself broke or it went
 * with a host that is lost for ever: that state and none that came after it. No protocol brings
 * back what was on one host only. A reset that no process remembers is in {@link
 * io.fermata.simulation.Resets}.
 */
public final class NoStateLost implements Invariant {
  @Override
  public void check(Truth truth) {
    Set<Long> held = new TreeSet<>();
    for (Truth.Thing thing : truth.things()) {
      Content content = thing.content();
      if (content != null && thing.state() != DeviceState.ERROR) {
        held.add(content.version());
      }
    }
    truth
        .newest()
        .forEach((key, version) -> {
          if (!held.contains(version)
              && !truth.dead().contains(key)
              && !truth.wentWithHost(key, version)
              && !truth.resets().excuses(key, version)) {
            throw new Violation("NoStateLost", key + " version " + version + " exists nowhere");
          }
        });
  }
}

package io.fermata.api.view;

import io.fermata.fleet.Fleet;
import io.fermata.migration.Latencies;
import io.fermata.migration.Live;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Puts a migration beside its hosts, and remembers what was shown so that no bar runs back. */
@Component
public class Scenes {
  private static final int REMEMBERED = 10_000;
  private static final int WHOLE = 100;

  private final Fleet fleet;
  private final Latencies learned;
  private final InstantSource time;
  private final Map<String, Integer> shown = new LinkedHashMap<>();

  Scenes(Fleet fleet, Latencies learned, InstantSource time) {
    this.fleet = fleet;
    this.learned = learned;
    this.time = time;
  }

  /** The migration as it is to be shown now. */
  public Scene of(Live live) {
    var order = live.migration().order();
    Scene scene =
        new Scene(
            live,
            fleet.host(order.source()).orElse(null),
            fleet.host(order.destination()).orElse(null),
            time.instant(),
            null,
            learned);
    Integer percent = risen(live.migration().id().value(), ProgressView.percentNow(scene));
    return new Scene(live, scene.source(), scene.destination(), scene.now(), percent, learned);
  }

  /** Re-dirtied memory makes the copied share fall; what was shown stays. */
  private synchronized @Nullable Integer risen(String id, @Nullable Integer percent) {
    if (percent == null || percent == WHOLE) {
      shown.remove(id);
      return percent;
    }
    if (percent == 0) {
      return shown.getOrDefault(id, 0); // a long queue crowds nobody's bar out
    }
    int most = Math.max(percent, shown.getOrDefault(id, 0));
    shown.put(id, most);
    if (shown.size() > REMEMBERED) {
      shown.remove(shown.keySet().iterator().next());
    }
    return most;
  }
}

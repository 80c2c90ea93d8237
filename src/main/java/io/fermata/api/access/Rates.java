package io.fermata.api.access;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/** How often each caller may ask: so many at once, and so many a second in the long run. */
final class Rates {
  private static final int CALLERS_MAX = 10_000;

  private final double perSecond;
  private final int burst;
  private final InstantSource time;
  private final Map<String, Bucket> buckets = new LinkedHashMap<>(64, 0.75f, true);

  private record Bucket(double left, Instant at) {}

  Rates(AccessSettings settings, InstantSource time) {
    this.perSecond = settings.ratePerSecond();
    this.burst = settings.burst();
    this.time = time;
  }

  /** Takes one; else after how many seconds there may be one again. */
  synchronized long take(String caller) {
    Instant now = time.instant();
    Bucket bucket = buckets.getOrDefault(caller, new Bucket(burst, now));
    double passed = Math.max(0, Duration.between(bucket.at(), now).toMillis() / 1e3);
    double left = Math.min(burst, bucket.left() + passed * perSecond);
    boolean taken = left >= 1;
    buckets.put(caller, new Bucket(taken ? left - 1 : left, now));
    if (buckets.size() > CALLERS_MAX) {
      buckets.remove(buckets.keySet().iterator().next());
    }
    return taken ? 0 : Math.max(1, (long) Math.ceil((1 - left) / perSecond));
  }
}

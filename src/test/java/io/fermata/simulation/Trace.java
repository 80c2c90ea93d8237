package io.fermata.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Every event of a run as one number, and the last ones in words. */
public final class Trace {
  private static final int KEPT = Integer.getInteger("fermata.simulation.trace", 200);
  private static final long FNV_PRIME = 0x100000001b3L;

  private final String[] last = new String[KEPT];
  private final long[] times = new long[KEPT];
  private long hash = 0xcbf29ce484222325L;
  private long count;

  void add(long nanos, String what) {
    int at = (int) (count % KEPT);
    last[at] = what;
    times[at] = nanos;
    count++;
    hash = (hash ^ nanos) * FNV_PRIME;
    hash = (hash ^ what.hashCode()) * FNV_PRIME;
  }

  /** One number for all that happened, in order. */
  public long hash() {
    return hash;
  }

  long count() {
    return count;
  }

  /** The last events, oldest first. */
  public List<String> last() {
    List<String> lines = new ArrayList<>();
    for (long i = Math.max(0, count - KEPT); i < count; i++) {
      int at = (int) (i % KEPT);
      lines.add(String.format(Locale.ROOT, "%13.6f s  %s", times[at] / 1e9, last[at]));
    }
    return lines;
  }
}

package io.fermata.agent.device.emulated;

import io.fermata.device.DeviceState;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What is yet to go wrong with one device; filled before and while it runs. */
final class FaultBook {
  private final List<Entry> entries = new ArrayList<>();

  private static final class Entry {
    private final Fault fault;
    private int seen;

    Entry(Fault fault) {
      this.fault = fault;
    }
  }

  FaultBook(List<Fault> faults) {
    faults.forEach(this::add);
  }

  synchronized void add(Fault fault) {
    entries.add(new Entry(fault));
  }

  /** The fault that this SET meets. */
  synchronized @Nullable Fault ofSet(DeviceState at, DeviceState asked) {
    return take(fault -> fault.hits(at, asked));
  }

  /** The fault of the image that this saving session gives. */
  synchronized @Nullable Fault ofImage() {
    return take(fault -> fault.kind().ofImage());
  }

  private @Nullable Fault take(Predicate<Fault> applies) {
    for (Iterator<Entry> each = entries.iterator(); each.hasNext(); ) {
      Entry entry = each.next();
      if (!applies.test(entry.fault)) {
        continue;
      }
      entry.seen++;
      if (entry.fault.occurrence() == 0) {
        return entry.fault;
      }
      if (entry.seen == entry.fault.occurrence()) {
        each.remove();
        return entry.fault;
      }
    }
    return null;
  }
}

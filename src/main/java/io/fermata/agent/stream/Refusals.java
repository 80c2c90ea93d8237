package io.fermata.agent.stream;

import io.fermata.wire.frame.Frame.Refused.Code;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** How many connections were refused, by reason. */
final class Refusals {
  private final Map<Code, LongAdder> counts = new EnumMap<>(Code.class);

  Refusals() {
    for (Code code : Code.values()) {
      counts.put(code, new LongAdder());
    }
  }

  void count(Code code) {
    adder(code).increment();
  }

  long of(Code code) {
    return adder(code).sum();
  }

  private LongAdder adder(Code code) {
    return Objects.requireNonNull(counts.get(code));
  }
}

package io.fermata.agent.stream.pack;

import com.github.luben.zstd.util.Native;
import io.fermata.wire.frame.Packing;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import net.jpountz.lz4.LZ4Factory;

/**
 * The native libraries. They lie in jars and are unpacked into {@code java.io.tmpdir}, from which
 * the system must let code be run.
 *
 * @param loaded what can be packed and unpacked here
 * @param problem why the others cannot; empty if there are none
 */
public record Libraries(Set<Packing> loaded, String problem) {
  public Libraries {
    loaded = Set.copyOf(loaded);
  }

  /** Loads what is not loaded yet, which takes a tenth of a second once. */
  public static Libraries load() {
    Set<Packing> loaded = EnumSet.noneOf(Packing.class);
    List<String> problems = new ArrayList<>();
    for (Packing each : Packing.values()) {
      try {
        load(each);
        loaded.add(each);
      } catch (LinkageError | UnsupportedOperationException e) { // no such platform
        problems.add(each.word() + ": " + reason(e));
      }
    }
    String where = System.getProperty("java.io.tmpdir");
    return new Libraries(
        loaded,
        problems.isEmpty()
            ? ""
            : "%s (unpacked into %s, where code must be allowed to run)"
                .formatted(String.join("; ", problems), where));
  }

  /** One line; the libraries' own words have many, or are in the cause. */
  private static String reason(Throwable problem) {
    String said = problem.getMessage();
    return said == null
        ? String.valueOf(problem.getCause())
        : said.lines().findFirst().orElse(problem.toString());
  }

  private static void load(Packing packing) {
    switch (packing) {
      case LZ4 -> {
        var _ = LZ4Factory.nativeInstance();
      }
      case ZSTD -> Native.load();
    }
  }
}

package io.fermata.wire;

import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The short names of a sealed interface's records, such as {@code void-copy} for {@code VoidCopy}.
 * The table is made from what the interface permits, so that a new record cannot be forgotten.
 */
final class TypeNames {
  private final SortedMap<String, Class<?>> byName = new TreeMap<>();

  private TypeNames(Class<?> sealed) {
    for (Class<?> permitted : sealed.getPermittedSubclasses()) {
      byName.put(of(permitted), permitted);
    }
  }

  /** The table of that sealed interface. */
  static TypeNames permittedBy(Class<?> sealed) {
    return new TypeNames(sealed);
  }

  /** The short name of one record. */
  static String of(Class<?> type) {
    return type.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  Map<String, Class<?>> table() {
    return byName;
  }
}

package io.fermata.journal;

import java.util.List;

/** The types of entries that a room writes, so that each is counted from 0. */
public record EntryTypes(List<String> types) {
  public EntryTypes {
    types = List.copyOf(types);
  }
}

package io.fermata.simulation;

import io.fermata.wire.Protocol;
import io.fermata.wire.WireFault;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The builds of the program that meet in one world. The others speak as this one does, under more
 * numbers; what differs between them is which of them they can agree on. The choice is the
 * production's own.
 */
final class Builds {
  /** Knows the version of today and the one after it. */
  static final Protocol NEXT = new Protocol(List.of(3, 2));

  /** Has forgotten the version of today. */
  static final Protocol FAR = new Protocol(List.of(5, 4));

  private Builds() {}

  /** Why the one that is called takes nothing, or the caller believes no answer; else null. */
  static @Nullable String objection(Protocol caller, Protocol called) {
    try {
      int chosen = called.choose(caller.offer());
      int understood = caller.choose(Integer.toString(chosen));
      return chosen == understood ? null : "answered in another version than was chosen";
    } catch (WireFault e) {
      return e.code() + ": " + e.detail();
    }
  }
}

package io.fermata.simulation;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/** The program as {@link Weaver} loads it; see {@link Trial}. */
final class Mutants {
  private final Weaver weaver = new Weaver(Mutants.class.getClassLoader());
  private final MethodHandle trial;

  Mutants() {
    try {
      Class<?> type = weaver.loadClass(Trial.class.getName());
      var shape = MethodType.methodType(String.class, String.class, long.class);
      trial = MethodHandles.publicLookup().findStatic(type, "broken", shape);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * What a seed comes to in such a world (see {@link Without}): the story of what broke, or null.
   */
  @Nullable String broken(String without, long seed) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(weaver); // the phase table's library looks there
    try {
      return (String) trial.invokeExact(without, seed);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}

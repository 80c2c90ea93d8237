package io.fermata.agent.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A child process with open files from number 3 up, as a service manager starts one. Java's own way
 * of starting processes closes them all.
 */
final class Spawned {
  private static final int DUP_ABOVE = 1030; // F_DUPFD_CLOEXEC
  private static final int ABOVE = 200;
  private static final int CREATE_AND_APPEND = 0x441;
  private static final int SIGKILL = 9;
  private static final int SIGTERM = 15;

  private final int pid;
  private boolean reaped;

  private Spawned(int pid) {
    this.pid = pid;
  }

  int pid() {
    return pid;
  }

  /** Starts it; LISTEN_PID is its own number, as only a process between fork and exec can know. */
  static Spawned start(
      List<String> command, Map<String, String> environment, List<Integer> files, Path output) {
    List<String> words =
        new ArrayList<>(List.of("/bin/sh", "-c", "LISTEN_PID=$$ exec \"$@\"", "sh"));
    words.addAll(command);
    List<String> settings = new ArrayList<>();
    environment.forEach((name, value) -> settings.add(name + "=" + value));
    try (Arena memory = Arena.ofConfined()) {
      MemorySegment actions = memory.allocate(512, 16);
      number("posix_spawn_file_actions_init", actions);
      var log = memory.allocateFrom(output.toString());
      number("posix_spawn_file_actions_addopen", actions, 1, log, CREATE_AND_APPEND, 0600);
      number("posix_spawn_file_actions_adddup2", actions, 1, 2);
      List<Integer> high = new ArrayList<>();
      for (int i = 0; i < files.size(); i++) {
        int copy = number("fcntl", files.get(i), DUP_ABOVE, ABOVE);
        high.add(copy);
        number("posix_spawn_file_actions_adddup2", actions, copy, 3 + i);
      }
      MemorySegment pid = memory.allocate(JAVA_INT);
      int failed =
          number(
              "posix_spawn",
              pid,
              memory.allocateFrom("/bin/sh"),
              actions,
              MemorySegment.NULL,
              strings(memory, words),
              strings(memory, settings));
      high.forEach(Calls::close);
      if (failed != 0) {
        throw new AssertionError("posix_spawn: errno " + failed);
      }
      return new Spawned(pid.get(JAVA_INT, 0));
    }
  }

  boolean isAlive() {
    // Once it is reaped its number may go to a stranger.
    reaped = reaped || number("waitpid", pid, MemorySegment.NULL, 1 /* WNOHANG */) == pid;
    return !reaped;
  }

  /** Asks it to end, and does not wait. */
  void terminate() {
    number("kill", pid, SIGTERM);
  }

  /** SIGKILL, and until it is gone. */
  void kill() {
    if (!reaped) {
      number("kill", pid, SIGKILL);
      number("waitpid", pid, MemorySegment.NULL, 0);
      reaped = true;
    }
  }

  private static MemorySegment strings(Arena memory, List<String> values) {
    MemorySegment array = memory.allocate(ADDRESS, values.size() + 1L);
    for (int i = 0; i < values.size(); i++) {
      array.setAtIndex(ADDRESS, i, memory.allocateFrom(values.get(i)));
    }
    return array;
  }

  /** Calls by symbol; integers and pointers go as they are. */
  @SuppressWarnings("restricted")
  private static int number(String symbol, Object... arguments) {
    MemoryLayout[] shape = new MemoryLayout[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      shape[i] =
          switch (arguments[i]) {
            case MemorySegment pointer -> ADDRESS;
            case Long number -> JAVA_LONG;
            default -> JAVA_INT;
          };
    }
    Linker linker = Linker.nativeLinker();
    Linker.Option[] variadic =
        symbol.equals("fcntl")
            ? new Linker.Option[] {Linker.Option.firstVariadicArg(2)}
            : new Linker.Option[0];
    MethodHandle handle =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow(symbol),
            FunctionDescriptor.of(JAVA_INT, shape),
            variadic);
    try {
      return (Integer) handle.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new AssertionError(symbol, e);
    }
  }
}

package io.fermata.agent.stream;

import io.fermata.agent.stream.pack.Libraries;
import io.fermata.agent.stream.pack.Packer;
import io.fermata.wire.frame.Packing;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * What packing takes of this process, all of it had at the start: libraries, and one buffer for
 * each device, so for each stream that there can be at once. It is no part of the {@link
 * BufferPool}: who waited there for a second buffer while holding a first would wait for others who
 * do the same.
 *
 * <p>A host that has not got all of it packs nothing, and tells sources that it unpacks nothing.
 */
public final class Packs {
  /** Hears of every piece of a stream that may pack. */
  public interface Tally {
    /** Counts nothing. */
    Tally NONE = (packing, rawBytes, wireBytes) -> {};

    /**
     * Called by the streams' own threads.
     *
     * @param wireBytes what became of so many raw ones; as many where packing did not pay
     */
    void sent(Packing packing, int rawBytes, int wireBytes);
  }

  private final Set<Packing> packings;
  private final String problem;
  private final Queue<ByteBuffer> scratch;
  private final Tally tally;

  private Packs(Set<Packing> packings, String problem, Queue<ByteBuffer> scratch, Tally tally) {
    this.packings = Set.copyOf(packings);
    this.problem = problem;
    this.scratch = scratch;
    this.tally = tally;
  }

  /**
   * Takes what there is.
   *
   * @param frameBytes the largest piece
   */
  public static Packs have(int devices, int frameBytes, Tally tally) {
    return have(Libraries.load(), devices, frameBytes, ByteBuffer::allocateDirect, tally);
  }

  /** The same with these libraries and that memory. */
  static Packs have(
      Libraries libraries,
      int devices,
      int frameBytes,
      IntFunction<ByteBuffer> memory,
      Tally tally) {
    int each = Packer.roomFor(frameBytes);
    Queue<ByteBuffer> scratch = new ArrayDeque<>();
    if (!libraries.loaded().isEmpty()) {
      try {
        for (int i = 0; i < devices; i++) {
          scratch.add(memory.apply(each));
        }
      } catch (OutOfMemoryError e) { // the JVM's limit to such buffers; nothing was harmed
        String why =
            "%d streams of %d bytes each need %d bytes: %s"
                .formatted(devices, each, (long) devices * each, e.getMessage());
        return new Packs(Set.of(), why, new ArrayDeque<>(), tally);
      }
    }
    return new Packs(libraries.loaded(), libraries.problem(), scratch, tally);
  }

  /** What can be packed and unpacked here. */
  Set<Packing> packings() {
    return packings;
  }

  /** Why that cannot be done here, in one sentence that names the setting; empty if it can. */
  public Optional<String> problem(Compression wanted) {
    Set<Packing> lacking = EnumSet.noneOf(Packing.class);
    lacking.addAll(wanted.packings());
    lacking.removeAll(packings);
    return lacking.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "fermata.agent.data-plane.compression: this host cannot do %s: %s"
                .formatted(lacking.stream().map(Packing::word).toList(), problem));
  }

  /** What is missing though nobody asked for it; empty if nothing is. */
  public String problem() {
    return problem;
  }

  /** The buffer of another device; empty where there is nothing to do with it. */
  ByteBuffer scratch() {
    ByteBuffer next = scratch.poll();
    return next == null ? ByteBuffer.allocate(0) : next;
  }

  Tally tally() {
    return tally;
  }
}

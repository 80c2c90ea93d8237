package io.fermata.agent.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.stream.pack.Libraries;
import io.fermata.wire.frame.Packing;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What packing needs is there at the start, or the host neither does it nor says that it can. */
class PacksTest {
  private static final Set<Packing> BOTH = Set.of(Packing.values());
  private static final Compression ZSTD =
      new Compression(Map.of("mlx5/m", new Compression.Choice(Packing.ZSTD, -5)));

  private final List<Integer> reserved = new ArrayList<>();
  private int most = Integer.MAX_VALUE;

  private Packs packs(Set<Packing> loaded, String problem) {
    return Packs.have(new Libraries(loaded, problem), 3, 65_536, this::reserve, Packs.Tally.NONE);
  }

  private ByteBuffer reserve(int bytes) {
    if (reserved.size() == most) {
      throw new OutOfMemoryError("no room for direct buffers");
    }
    reserved.add(bytes);
    return ByteBuffer.allocate(bytes);
  }

  @Test
  void everyDeviceHasOneBufferOfItsOwnFromTheStartOn() {
    Packs packs = packs(BOTH, "");
    assertEquals(List.of(66_304, 66_304, 66_304), reserved);
    for (int device = 0; device < 3; device++) {
      assertEquals(66_304, packs.scratch().capacity());
    }
    assertEquals(BOTH, packs.packings());
    assertEquals(Optional.empty(), packs.problem(ZSTD));
    assertEquals("", packs.problem());
  }

  @Test
  void withoutMemoryForAllOfThemNothingIsPackedAndTheFigureIsNamed() {
    most = 2;
    Packs packs = packs(BOTH, "");
    assertEquals(Set.of(), packs.packings());
    String problem = packs.problem(ZSTD).orElseThrow();
    assertTrue(problem.startsWith("fermata.agent.data-plane.compression: "), problem);
    assertTrue(problem.contains("3 streams of 66304 bytes each need 198912 bytes"), problem);
    assertEquals(0, packs.scratch().capacity());
  }

  @Test
  void aLibraryThatIsMissingIsAProblemOnlyForWhoAskedForIt() {
    Packs packs = packs(Set.of(Packing.LZ4), "zstd: no such file");
    assertEquals(Set.of(Packing.LZ4), packs.packings());
    assertEquals(
        "fermata.agent.data-plane.compression: this host cannot do [zstd]: zstd: no such file",
        packs.problem(ZSTD).orElseThrow());
    assertEquals(Optional.empty(), packs.problem(Compression.NONE));
    assertEquals("zstd: no such file", packs.problem());
  }

  @Test
  void withoutAnyLibraryNoMemoryIsTaken() {
    Packs packs = packs(Set.of(), "lz4: no such file; zstd: no such file");
    assertEquals(List.of(), reserved);
    assertEquals(Set.of(), packs.packings());
  }
}

package io.fermata.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.fuzz.Fuzz;
import io.fermata.handover.Claims;
import io.fermata.handover.Fact;
import io.fermata.handover.Side;
import io.fermata.handover.Timings;
import io.fermata.handover.Turn;
import io.fermata.wire.Codec;
import io.fermata.wire.Samples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * A slate's file after anything may have happened to it: it opens with what was written, less a
 * torn end, or it is refused as a whole. What opens, an agent can start from.
 */
class SlateFuzzTest {
  private static final long BYTES_MOST = 32 << 20;
  private static final Codec CODEC = new Codec();
  private static final List<Fact> SOURCE =
      Samples.facts().stream()
          .filter(f -> !(f instanceof Fact.Closed) && isOf(Side.SOURCE, f))
          .toList();

  @Test
  void aSpoiltSlateIsReadInPartOrRefusedWhole() {
    byte[] source = new SlateText(CODEC).write("abcdef", SOURCE);
    new Fuzz("slate", 20_000, BYTES_MOST)
        .feed(List.of(source, first(source), new byte[0]), SlateFuzzTest::open);
  }

  /** Facts in any order, each whole: what no disk does, but another build or a hand may. */
  @Test
  void anAgentStartsFromWhateverFactsAreAccepted() {
    new Fuzz("facts", 20_000, BYTES_MOST)
        .feed(List.of(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), SlateFuzzTest::start);
  }

  private static void start(byte[] order) {
    List<Fact> facts = new ArrayList<>();
    facts.add(Samples.facts().getFirst());
    for (byte each : order) {
      facts.add(Samples.facts().get(Math.floorMod(each, Samples.facts().size())));
    }
    open(new SlateText(CODEC).write("abcdef", facts));
  }

  private static void open(byte[] bytes) {
    Disk disk = new Disk(bytes);
    try (Slate slate = SlateOnBytes.open("slate", disk, CODEC, () -> "fresh")) {
      assertTrue(disk.bytes.length <= bytes.length || bytes.length == 0, "it grew");
      var claims = new Claims(Samples.HERE, slate.incarnation(), Map.of());
      var turn = new Turn(1, "agent", new Timings(1, 1, 1, 1, 1));
      claims.restore(slate.facts(), turn);
      prefix(bytes, slate.facts());
    } catch (SlateFault refused) {
      assertTrue(Arrays.equals(bytes, disk.bytes), "what was refused was overwritten");
    }
  }

  /** What was read from a slate that was only torn is the beginning of what was written. */
  private static void prefix(byte[] bytes, List<Fact> read) {
    byte[] whole = new SlateText(CODEC).write("abcdef", SOURCE);
    int same = Arrays.mismatch(whole, bytes);
    if (bytes.length > 0 && (same < 0 || same == bytes.length)) {
      assertEquals(SOURCE.subList(0, read.size()), read);
    }
  }

  private static byte[] first(byte[] slate) {
    return Arrays.copyOf(slate, slate.length / 2);
  }

  private static boolean isOf(Side side, Fact fact) {
    boolean destination =
        fact instanceof Fact.Started
            || fact instanceof Fact.Voided
            || fact instanceof Fact.Abandoned;
    return destination == (side == Side.DESTINATION);
  }

  private static final class Disk implements SlateOnBytes.Bytes {
    private byte[] bytes;

    Disk(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public Optional<byte[]> read() {
      return Optional.of(bytes);
    }

    @Override
    public void replace(byte[] all) {
      bytes = all;
    }

    @Override
    public void append(byte[] added) {
      throw new IllegalStateException("nothing is to be added");
    }
  }
}

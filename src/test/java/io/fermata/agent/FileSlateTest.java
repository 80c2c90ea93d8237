package io.fermata.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import io.fermata.wire.Codec;
import io.fermata.wire.Samples;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSlateTest {
  private static final Codec CODEC = new Codec();
  private static final Fact CLAIMED = Samples.facts().get(0);
  private static final Fact STOPPED = Samples.facts().get(2);
  private static final Fact SEALED = Samples.facts().get(3);

  @TempDir private Path folder;

  @Test
  void whatWasAppendedIsReadAgainUnderTheSameIncarnation() {
    try (var slate = open()) {
      assertEquals(List.of(), slate.facts());
      slate.append(List.of(CLAIMED));
      slate.append(List.of(STOPPED, SEALED));
    }
    try (var slate = FileSlate.open(folder, CODEC, 1000, () -> "other")) {
      assertEquals(List.of(CLAIMED, STOPPED, SEALED), slate.facts());
      assertEquals("fresh", slate.incarnation());
    }
  }

  @Test
  void aRecordTornAtAnyByteIsCutOffAndTheRestIsKept() {
    byte[] kept = written(CLAIMED, STOPPED);
    byte[] whole = written(CLAIMED, STOPPED, SEALED);
    for (int length = kept.length; length < whole.length; length++) {
      var disk = new MemoryDisk(Arrays.copyOf(whole, length));
      try (var slate = FileSlate.open(disk, CODEC, 1000, () -> "other")) {
        assertEquals(List.of(CLAIMED, STOPPED), slate.facts(), "torn at " + length);
      }
      assertArrayEquals(kept, disk.bytes, "the torn end is gone from the disk");
    }
  }

  @Test
  void aTailOfZerosIsCutOffLikeATornOne() {
    byte[] kept = written(CLAIMED, STOPPED);
    byte[] whole = written(CLAIMED, STOPPED, SEALED);
    for (int length = kept.length; length < whole.length - 1; length++) {
      byte[] zeros = Arrays.copyOf(Arrays.copyOf(whole, length), whole.length + 512);
      var disk = new MemoryDisk(zeros);
      try (var slate = FileSlate.open(disk, CODEC, 1000, () -> "other")) {
        assertEquals(List.of(CLAIMED, STOPPED), slate.facts(), "zeros from " + length);
      }
    }
  }

  @Test
  void afterATornEndNewFactsStandWhereItWas() throws IOException {
    byte[] whole = written(CLAIMED, STOPPED);
    Files.write(file(), Arrays.copyOf(whole, whole.length - 5));
    try (var slate = open()) {
      slate.append(List.of(STOPPED));
    }
    try (var slate = open()) {
      assertEquals(List.of(CLAIMED, STOPPED), slate.facts());
    }
  }

  @Test
  void aFlippedBitAnywhereMakesTheSlateUnreadable() {
    byte[] whole = written(CLAIMED, SEALED);
    for (int at = 0; at < whole.length; at++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] flipped = whole.clone();
        flipped[at] ^= (byte) (1 << bit);
        assertUnreadable(flipped, "bit " + bit + " of byte " + at);
      }
    }
  }

  @Test
  void aByteThatBecameZeroOrOnesMakesTheSlateUnreadable() {
    byte[] whole = written(CLAIMED, SEALED);
    for (int at = 0; at < whole.length; at++) {
      for (int value : new int[] {0, 0xff}) {
        byte[] changed = whole.clone();
        changed[at] = (byte) value;
        assertUnreadable(changed, "byte " + at + " became " + value);
      }
    }
  }

  @Test
  void anotherVersionOrAnEmptyFileIsUnreadable() {
    String text = new String(written(CLAIMED), StandardCharsets.ISO_8859_1);
    String other = text.replaceFirst("slate 1", "slate 2");
    assertUnreadable(other.getBytes(StandardCharsets.ISO_8859_1), "version 2 under a wrong sum");
    assertUnreadable(new byte[0], "empty");
    var sum = new CRC32C();
    sum.update("fermata-slate 2 abc".getBytes(StandardCharsets.UTF_8));
    String next = "fermata-slate 2 abc %08x%n".formatted(sum.getValue());
    assertUnreadable(next.getBytes(StandardCharsets.UTF_8), "version 2");
  }

  @Test
  void factsThatCannotBeTrueTogetherAreUnreadable() {
    assertUnreadable(written(SEALED), "a seal without a claim");
    assertUnreadable(written(CLAIMED, CLAIMED), "claimed twice");
    assertUnreadable(written(CLAIMED, new Fact.Abandoned(Samples.MIGRATION)), "the other side's");
  }

  @Test
  void aSecondAgentInTheSameFolderDoesNotStart() {
    try (var slate = open()) {
      assertThrows(SlateInUse.class, this::open);
      slate.append(List.of(CLAIMED));
    }
    open().close();
  }

  @Test
  void aFolderLockedByAnotherProcessIsInUse() throws Exception {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var path = System.getProperty("java.class.path");
    var process =
        new ProcessBuilder(java, "-cp", path, LockHolder.class.getName(), folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var out = process.inputReader()) {
      assertEquals("locked", out.readLine());
      assertThrows(SlateInUse.class, this::open);
    } finally {
      process.destroyForcibly();
      assertTrue(process.waitFor(20, TimeUnit.SECONDS));
    }
    try (var slate = open()) {
      assertEquals(List.of(CLAIMED), slate.facts(), "kill -9 after the append loses nothing");
    }
  }

  /** Another agent that holds the lock until it is killed. */
  static final class LockHolder {
    private LockHolder() {}

    public static void main(String[] args) throws IOException {
      var slate = FileSlate.open(Path.of(args[0]), CODEC, 1000, () -> "fresh");
      slate.append(List.of(CLAIMED));
      System.out.println("locked");
      System.out.flush();
      int end = System.in.read();
      System.exit(end);
    }
  }

  @Test
  void aSyncThatFailsIsAFaultAndTheSlateIsNotUsedAgain() throws IOException {
    var disk = new FailingDisk(SlateFolder.open(folder));
    var slate = FileSlate.open(disk, CODEC, 1000, () -> "fresh");
    slate.append(List.of(CLAIMED));
    disk.failing = true;
    assertThrows(SlateFault.class, () -> slate.append(List.of(STOPPED)));
    disk.failing = false;
    assertThrows(SlateFault.class, () -> slate.append(List.of(STOPPED)));
    slate.close();

    var full = new FailingDisk(SlateFolder.open(folder));
    full.failing = true;
    assertThrows(SlateFault.class, () -> FileSlate.open(full, CODEC, 1000, () -> "fresh"));
  }

  private static final class FailingDisk implements SlateDisk {
    private final SlateDisk disk;
    private boolean failing;

    FailingDisk(SlateDisk disk) {
      this.disk = disk;
    }

    @Override
    public Optional<byte[]> read() throws IOException {
      return disk.read();
    }

    @Override
    public void replace(byte[] bytes) throws IOException {
      fail();
      disk.replace(bytes);
    }

    @Override
    public void append(byte[] bytes) throws IOException {
      disk.append(bytes);
      fail();
    }

    private void fail() throws IOException {
      if (failing) {
        throw new IOException("Input/output error");
      }
    }

    @Override
    public String name() {
      return disk.name();
    }

    @Override
    public void close() throws IOException {
      disk.close();
    }
  }

  @Test
  void theRestartForgetsOnlyWhatNobodyNeeds() {
    List<Fact> facts = new ArrayList<>();
    facts.addAll(gone("m0000", 90)); // it decides nothing, but its stop number is the highest
    for (int i = 1; i <= 20; i++) {
      facts.addAll(gone("m%04d".formatted(i), i));
    }
    facts.addAll(open("m9999"));
    try (var slate = open()) {
      slate.append(facts);
    }
    try (var slate = FileSlate.open(folder, CODEC, 3, () -> "other")) {
      var kept = slate.facts().stream().map(f -> f.migration().value()).distinct().toList();
      assertEquals(List.of("m0000", "m0018", "m0019", "m0020", "m9999"), kept);
    }
    try (var slate = FileSlate.open(folder, CODEC, 0, () -> "other")) {
      var kept = slate.facts().stream().map(f -> f.migration().value()).distinct().toList();
      assertEquals(List.of("m0000", "m0020", "m9999"), kept, "m0020 says who owns the device");
    }
  }

  private static List<Fact> open(String id) {
    var migration = new MigrationId(id);
    return List.of(new Fact.Claimed(migration, Side.SOURCE, Samples.SPEC, Samples.EPOCH));
  }

  private static List<Fact> gone(String id, long stop) {
    var migration = new MigrationId(id);
    var started = new Receipt.Started(migration, new Stop("i", stop), new HostName("b"));
    List<Fact> facts = new ArrayList<>(open(id));
    facts.add(new Fact.Stopped(migration, started.stop()));
    facts.add(new Fact.Released(migration, started));
    facts.add(new Fact.Closed(migration));
    return facts;
  }

  private static void assertUnreadable(byte[] bytes, String why) {
    var disk = new MemoryDisk(bytes);
    assertThrows(SlateFault.class, () -> FileSlate.open(disk, CODEC, 1000, () -> "fresh"), why);
    assertSame(bytes, disk.bytes, "it was left as it is: " + why);
  }

  private static final class MemoryDisk implements SlateDisk {
    private byte[] bytes;

    MemoryDisk(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public Optional<byte[]> read() {
      return Optional.of(bytes);
    }

    @Override
    public void replace(byte[] fresh) {
      bytes = fresh;
    }

    @Override
    public void append(byte[] more) {
      int length = bytes.length;
      bytes = Arrays.copyOf(bytes, length + more.length);
      System.arraycopy(more, 0, bytes, length, more.length);
    }

    @Override
    public String name() {
      return "memory";
    }

    @Override
    public void close() {}
  }

  private static byte[] written(Fact... facts) {
    return new SlateText(CODEC).write("fresh", List.of(facts));
  }

  private FileSlate open() {
    return FileSlate.open(folder, CODEC, 1000, () -> "fresh");
  }

  private Path file() {
    return folder.resolve("slate");
  }
}

package io.fermata.fuzz;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Feeds one target: first what was a finding once, then what follows from the seed. {@code
 * fermata.fuzz.seed} asks for other inputs than usual, {@code fermata.fuzz.seconds} for as many as
 * fit into that time.
 */
public final class Fuzz {
  private static final Path STORED = Path.of("src/test/resources/fuzz");
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final String target;
  private final long executionsUsual;
  private final long bytesMost;

  /** What is fed. */
  public interface Target {
    /** Takes the bytes; whatever leaves this but a return is a finding. */
    void take(byte[] bytes) throws Exception;
  }

  /**
   * @param executionsUsual how many inputs when no time is asked for
   * @param bytesMost what one input may make the target reserve on the heap in all
   */
  public Fuzz(String target, long executionsUsual, long bytesMost) {
    this.target = target;
    this.executionsUsual = executionsUsual;
    this.bytesMost = bytesMost;
  }

  /** Feeds what was stored, the corpus as it is, and what can be made of it. */
  public void feed(List<byte[]> corpus, Target taker) {
    long seed = Long.getLong("fermata.fuzz.seed", 1);
    Mutation mutation = new Mutation(new SplittableRandom(seed), corpus);
    stored().forEach(bytes -> one(bytes, taker, "stored"));
    corpus.forEach(bytes -> one(bytes, taker, "as it is"));
    Integer seconds = Integer.getInteger("fermata.fuzz.seconds");
    long end = System.nanoTime() + (seconds == null ? 0 : seconds * 1_000_000_000L);
    long number = 0;
    while (seconds == null ? number < executionsUsual : System.nanoTime() - end < 0) {
      one(mutation.next(), taker, "seed " + seed + " number " + number);
      number++;
    }
    System.getLogger("fuzz").log(System.Logger.Level.INFO, target + ": " + number + " inputs");
  }

  private void one(byte[] bytes, Target taker, String origin) {
    long reserved = reserved(bytes, taker, origin);
    // the first time, classes are loaded besides: what the input costs is what it costs again
    if (reserved > bytesMost && reserved(bytes, taker, origin) > bytesMost) {
      throw new AssertionError(
          "%s, %s, kept as %s: %d bytes of input made it reserve %d"
              .formatted(target, origin, keep(bytes), bytes.length, reserved));
    }
  }

  private long reserved(byte[] bytes, Target taker, String origin) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      taker.take(bytes);
    } catch (Exception | AssertionError | StackOverflowError e) {
      throw new AssertionError(target + ", " + origin + ", kept as " + keep(bytes), e);
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  private List<byte[]> stored() {
    Path folder = STORED.resolve(target);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().map(Fuzz::read).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path keep(byte[] bytes) {
    String name = HexFormat.of().toHexDigits(Arrays.hashCode(bytes)) + ".bin";
    Path file = STORED.resolve(target).resolve(name);
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }
}

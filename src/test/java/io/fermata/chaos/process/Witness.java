package io.fermata.chaos.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Follows the files that the devices of all hosts write and lets the judge see them in order. */
final class Witness {
  /** A line may be written this much later than it was thought of: the others wait so long. */
  private static final long SETTLING_NANOS = 30_000_000;

  private final List<Tail> tails;
  private final Judge judge = new Judge();
  private final List<DeviceLine> waiting = new ArrayList<>();

  Witness(List<Path> files) {
    this.tails = files.stream().map(Tail::new).toList();
  }

  private static final class Tail {
    private final Path file;
    private long at;
    private String rest = "";

    Tail(Path file) {
      this.file = file;
    }

    List<DeviceLine> more() {
      if (!Files.exists(file)) {
        return List.of();
      }
      try (var in = new RandomAccessFile(file.toFile(), "r")) {
        byte[] bytes = new byte[(int) (in.length() - at)];
        in.seek(at);
        in.readFully(bytes);
        at += bytes.length;
        String text = rest + new String(bytes, UTF_8);
        int end = text.lastIndexOf('\n') + 1;
        rest = text.substring(end);
        return text.substring(0, end).lines().flatMap(l -> DeviceLine.of(l).stream()).toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The judge, having seen everything up to a moment ago. */
  Judge look() {
    tails.forEach(tail -> waiting.addAll(tail.more()));
    waiting.sort(Comparator.comparingLong(DeviceLine::nanos));
    long until = System.nanoTime() - SETTLING_NANOS;
    int ready = 0;
    while (ready < waiting.size() && waiting.get(ready).nanos() <= until) {
      judge.take(waiting.get(ready));
      ready++;
    }
    waiting.subList(0, ready).clear();
    return judge;
  }
}

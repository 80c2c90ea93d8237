package io.fermata.agent;

import io.fermata.handover.Fact;
import io.fermata.wire.Codec;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The production slate on a disk that a test brings: the door of this room for the simulator. */
public final class SlateOnBytes implements Slate {
  private static final int CLOSED_KEPT = 3; // few, so that forgetting is part of every run

  private final Slate slate;

  /** A file as a disk keeps it; what returns is on disk for good. */
  public interface Bytes {
    /** The whole file, or empty when there is none. */
    Optional<byte[]> read();

    /** One file or the other is there after a crash. */
    void replace(byte[] bytes);

    /** After a crash any prefix may be there. */
    void append(byte[] bytes) throws IOException;
  }

  private SlateOnBytes(Slate slate) {
    this.slate = slate;
  }

  /** Opens the slate as an agent's start does. */
  public static SlateOnBytes open(
      String name, Bytes bytes, Codec codec, Supplier<String> incarnations) {
    return new SlateOnBytes(
        FileSlate.open(new Disk(name, bytes), codec, CLOSED_KEPT, incarnations));
  }

  /** What an agent has in place of a slate that it cannot read. */
  public static Slate quiet(String reason) {
    return new QuietSlate(reason);
  }

  @Override
  public String incarnation() {
    return slate.incarnation();
  }

  @Override
  public List<Fact> facts() {
    return slate.facts();
  }

  @Override
  public void append(List<Fact> facts) {
    slate.append(facts);
  }

  @Override
  public void close() {
    slate.close();
  }

  private record Disk(String name, Bytes bytes) implements SlateDisk {
    @Override
    public Optional<byte[]> read() {
      return bytes.read();
    }

    @Override
    public void replace(byte[] all) {
      bytes.replace(all);
    }

    @Override
    public void append(byte[] added) throws IOException {
      bytes.append(added);
    }

    @Override
    public void close() {}
  }
}

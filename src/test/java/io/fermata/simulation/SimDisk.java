package io.fermata.simulation;

import io.fermata.agent.Slate;
import io.fermata.agent.SlateFault;
import io.fermata.agent.SlateOnBytes;
import io.fermata.handover.Fact;
import io.fermata.wire.Codec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The disk under an agent's slate. What an append returned for is never lost; a crash inside of it
 * leaves any prefix. With the real wire the slate is the production's file, torn at any byte; else
 * it is a list of facts, torn between two of them.
 */
final class SimDisk implements SlateOnBytes.Bytes {
  private final World world;
  private final String incarnation;
  private final RandomGenerator random;
  private final List<Fact> list = new ArrayList<>();
  private byte[] file = new byte[0];
  private boolean exists;
  private long restarts;
  private long fullUntil;
  private long readOnlyUntil;
  private long unreadableUntil;

  /** How a write ends. */
  private enum End {
    SYNCED,
    CRASHED,
    FAILED
  }

  SimDisk(World world, String host) {
    this.world = world;
    this.incarnation = "i" + Integer.toHexString(host.hashCode());
    this.random = world.random("disk " + host);
  }

  /** What an agent's start finds. */
  Slate open(String process, Codec codec) {
    restarts++;
    if (isUnreadable()) {
      return SlateOnBytes.quiet("the disk is not where it was");
    }
    if (isReadOnly()) {
      throw new SlateFault("the disk is read-only");
    }
    return world.options().wire()
        ? SlateOnBytes.open(process, this, codec, () -> incarnation)
        : new Listed(list.stream().filter(this::isKept).toList());
  }

  private boolean isKept(Fact fact) {
    boolean forgotten =
        switch (fact) {
          case Fact.Sealed f -> world.lacks(Rule.SEAL_FORGOTTEN);
          case Fact.Started f -> world.lacks(Rule.START_FORGOTTEN);
          case Fact.Voided f -> world.lacks(Rule.VOID_FORGOTTEN);
          case Fact.Abandoned f -> world.lacks(Rule.VOID_FORGOTTEN);
          case Fact.Stopped f -> world.lacks(Rule.STOP_FORGOTTEN);
          case Fact.Promised f -> world.lacks(Rule.PROMISE_FORGOTTEN);
          default -> false;
        };
    return !forgotten;
  }

  private void keep(List<Fact> facts) {
    if (world.lacks(Rule.SYNC_LIES)) {
      long generation = restarts;
      world.after(
          200 * World.MILLI,
          "a late sync",
          () -> {
            if (generation == restarts) {
              list.addAll(facts);
            }
          });
    } else {
      list.addAll(facts);
    }
  }

  @Override
  public Optional<byte[]> read() {
    return exists ? Optional.of(file.clone()) : Optional.empty();
  }

  @Override
  public void replace(byte[] bytes) {
    file = bytes.clone();
    exists = true;
  }

  @Override
  public void append(byte[] bytes) throws IOException {
    End end = end();
    int kept = kept(end, bytes.length);
    int before = file.length;
    file = Arrays.copyOf(file, before + kept);
    System.arraycopy(bytes, 0, file, before, kept);
    if (end == End.FAILED) {
      throw new IOException("the sync failed");
    }
    crashIf(end);
  }

  /** Nothing can be written for so long. */
  void fill(long nanos) {
    fullUntil = world.now() + nanos;
  }

  /** Nothing can be written for so long, nor can the slate be opened for it. */
  void protect(long nanos) {
    readOnlyUntil = world.now() + nanos;
  }

  /** For so long no process finds the slate; then it is there again, with all that was on it. */
  void hide(long nanos) {
    unreadableUntil = world.now() + nanos;
  }

  private boolean isUnreadable() {
    return !world.isCalm() && unreadableUntil > world.now();
  }

  /** When the slate can be read again, in the world's time. */
  long readableFrom() {
    return unreadableUntil;
  }

  private boolean isReadOnly() {
    return !world.isCalm() && readOnlyUntil > world.now();
  }

  private boolean isFull() {
    return !world.isCalm() && Math.max(fullUntil, readOnlyUntil) > world.now();
  }

  /** How long the sync takes that begins now. */
  long syncNanos() {
    return world.strikes(Fault.SYNC_SLOW, random)
        ? World.between(10 * World.MILLI, 8 * World.SECOND, random)
        : 0;
  }

  private End end() {
    if (world.strikes(Fault.CRASH_IN_SYNC, random)) {
      return End.CRASHED;
    }
    return isFull() || world.strikes(Fault.SYNC_FAILS, random) ? End.FAILED : End.SYNCED;
  }

  private int kept(End end, int size) {
    return end == End.SYNCED ? size : isFull() ? 0 : random.nextInt(size + 1);
  }

  private static void crashIf(End end) {
    if (end == End.CRASHED) {
      throw new HostCrash("inside a sync");
    }
  }

  private final class Listed implements Slate {
    private final List<Fact> found;

    Listed(List<Fact> found) {
      this.found = found;
    }

    @Override
    public String incarnation() {
      return incarnation;
    }

    @Override
    public List<Fact> facts() {
      return found;
    }

    @Override
    public void append(List<Fact> facts) {
      End end = end();
      keep(facts.subList(0, kept(end, facts.size())));
      if (end == End.FAILED) {
        throw new SlateFault("the sync failed");
      }
      crashIf(end);
    }

    @Override
    public void close() {}
  }
}

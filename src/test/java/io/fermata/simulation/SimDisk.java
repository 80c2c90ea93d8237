package io.fermata.simulation;

import io.fermata.agent.SlateOnBytes;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The disk under an agent's slate. What an append returned for is never lost; a crash inside of it
 * leaves any prefix.
 */
final class SimDisk implements SlateOnBytes.Bytes {
  private final World world;
  private final RandomGenerator random;
  private byte[] file = new byte[0];
  private boolean exists;

  SimDisk(World world, String host) {
    this.world = world;
    this.random = world.random("disk " + host);
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
    boolean crash = world.strikes(Fault.CRASH_IN_SYNC, random);
    boolean fails = !crash && world.strikes(Fault.SYNC_FAILS, random);
    int kept = crash || fails ? random.nextInt(bytes.length + 1) : bytes.length;
    int before = file.length;
    file = Arrays.copyOf(file, before + kept);
    System.arraycopy(bytes, 0, file, before, kept);
    if (crash) {
      throw new HostCrash("inside a sync, " + kept + " of " + bytes.length + " bytes on disk");
    }
    if (fails) {
      throw new IOException("the sync failed");
    }
  }
}

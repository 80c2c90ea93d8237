package io.fermata.agent.os;

/**
 * One packet as it came.
 *
 * @param bytes what it said
 * @param descriptors open files that came with it; now the receiver's, who hands on or closes each
 * @param whole false when bytes or descriptors were left out because there were too many
 */
@SuppressWarnings("ArrayRecordComponent") // read once, by whoever took the packet
public record Packet(byte[] bytes, int[] descriptors, boolean whole) {
  /** Closes every descriptor that came with it. */
  public void closeAll() {
    for (int descriptor : descriptors) {
      Calls.close(descriptor);
    }
  }
}

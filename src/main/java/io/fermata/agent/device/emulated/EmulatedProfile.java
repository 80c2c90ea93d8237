package io.fermata.agent.device.emulated;

/**
 * Kinds of devices, after what is known of their drivers: which states they offer, what their
 * pre-copy holds and which hop does the work. Sizes, rates and times are assumptions, small enough
 * for a demonstration.
 */
// The fields are records of immutable values; the checker knows only types with its own annotation.
@SuppressWarnings("ImmutableEnumChecker")
public enum EmulatedProfile {
  /** Pre-copy in blocks of 1 MiB, with hashes, so that a block is sent again only if changed. */
  GPU(
      new Make("gpu", "gpu-a", 7, Precopy.BLOCKS),
      new Load(16L << 20, 8L << 20),
      HopLatencies.micros(4_000, 3_000, 1_000, 5_000, 3_000, 1_000)),
  /** All flags; its pre-copy captures nothing, and the freeze costs the most. */
  CONNECTX(
      new Make("mlx5", "connectx-a", 7, Precopy.NOTHING),
      new Load(4L << 20, 0),
      HopLatencies.micros(1_000, 6_000, 500, 3_000, 2_000, 500)),
  /** All flags; the P2P hop suspends the whole device and the stop is a formality. */
  QAT(
      new Make("qat", "qat-a", 7, Precopy.SETUP),
      new Load(512L << 10, 0),
      HopLatencies.micros(5_000, 50, 100, 1_000, 50, 2_000)),
  /** No pre-copy; the admin command of the P2P hop does the work. */
  VIRTIO(
      new Make("virtio", "virtio-net-a", 3, Precopy.NOTHING),
      new Load(256L << 10, 0),
      HopLatencies.micros(1_000, 50, 200, 500, 50, 500)),
  /** No P2P: running devices stop in one hop, so that only a set of one can be moved. */
  HISI(
      new Make("hisi_acc", "hisi-a", 5, Precopy.SETUP),
      new Load(4L << 10, 0),
      HopLatencies.micros(0, 3_000, 100, 500, 1_000, 100)),
  /** No pre-copy; both hops cost. */
  NVME(
      new Make("nvme", "nvme-a", 3, Precopy.NOTHING),
      new Load(1L << 20, 0),
      HopLatencies.micros(1_000, 1_000, 200, 1_000, 500, 500));

  private record Make(String driver, String model, int flags, Precopy precopy) {}

  private record Load(long stateBytes, long dirtyBytesPerSecond) {}

  private static final long BLOCK_BYTES = 1L << 20;

  private final Make make;
  private final Load load;
  private final HopLatencies latencies;

  EmulatedProfile(Make make, Load load, HopLatencies latencies) {
    this.make = make;
    this.load = load;
    this.latencies = latencies;
  }

  /** The driver's name. */
  public String driver() {
    return make.driver;
  }

  /** The model that both ends of a migration must share, unless the settings name another. */
  public String model() {
    return make.model;
  }

  /** The kernel's migration flags, unless the settings name others. */
  public int flags() {
    return make.flags;
  }

  /** The size of the state, unless the settings name another. */
  public long stateBytes() {
    return load.stateBytes;
  }

  /** How much of the state changes per second of running, unless the settings say otherwise. */
  public long dirtyBytesPerSecond() {
    return load.dirtyBytesPerSecond;
  }

  /** Times of the hops, unless the settings name others. */
  public HopLatencies latencies() {
    return latencies;
  }

  Precopy precopy() {
    return make.precopy;
  }

  /** How the state is cut: into blocks where pre-copy sends blocks, otherwise in one piece. */
  long blockBytes(long stateBytes) {
    return make.precopy == Precopy.BLOCKS ? Math.min(BLOCK_BYTES, stateBytes) : stateBytes;
  }
}

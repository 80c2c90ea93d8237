package io.fermata.agent.stream;

/**
 * Settings {@code fermata.agent.data-plane.*}.
 *
 * @param bind where the listener binds, as {@code address:port}; port 0 takes any free one
 * @param frameBytes the largest piece of an image, read, checked and written at once
 * @param buffers how many such pieces this host holds in memory; should be at least the number of
 *     devices that stream at once, since a device whose read blocks holds one
 * @param idleMillis how long a peer may take or give no byte before its stream is broken; also the
 *     longest that one call into a device may take while the peer waits for it
 * @param graceMillis how long a connection may take to say whose it is, and how long it waits for
 *     that migration to be expected
 * @param progressMillis how often a stream reports what has moved
 * @param drainMillis how long to wait before a drained device in pre-copy is read again
 * @param resuming whether and for how long a broken connection is mended
 * @param compression whose images are packed
 */
public record StreamSettings(
    String bind,
    int frameBytes,
    int buffers,
    long idleMillis,
    long graceMillis,
    long progressMillis,
    long drainMillis,
    Resuming resuming,
    Compression compression) {
  private static final int FRAME_BYTES_MIN = 4096;
  private static final int FRAME_BYTES_MAX = 16 << 20;

  /** Twice what a destination may take before it says so: or each would wait for the other. */
  private static final int FRAMES_MIN = 2 * Receiving.FRAMES_PER_WORD;

  public StreamSettings {
    require(isEndpoint(bind), "bind", "must be address:port, is " + bind);
    require(
        frameBytes >= FRAME_BYTES_MIN && frameBytes <= FRAME_BYTES_MAX,
        "frame-bytes",
        "must be between 4096 and 16777216, is " + frameBytes);
    require(
        buffers >= 1 && buffers <= 65_536, "buffers", "must be between 1 and 65536, is " + buffers);
    between("idle", idleMillis, 100, 600_000);
    between("grace", graceMillis, 1, 300_000);
    require(
        2 * graceMillis < idleMillis, // a source waits for its answer through two of them
        "grace",
        "must be shorter than half of idle, is %d and %d".formatted(graceMillis, idleMillis));
    between("progress-millis", progressMillis, 10, 60_000);
    between("drain-millis", drainMillis, 1, 10_000);
    require(
        compression.choices().isEmpty() || resuming.isOn(),
        "compression",
        "needs resume above 0: the older protocol that is spoken without it has no packed pieces");
  }

  /** The same where a stream is one connection. */
  public StreamSettings(
      String bind,
      int frameBytes,
      int buffers,
      long idleMillis,
      long graceMillis,
      long progressMillis,
      long drainMillis) {
    this(
        bind,
        frameBytes,
        buffers,
        idleMillis,
        graceMillis,
        progressMillis,
        drainMillis,
        Resuming.NONE,
        Compression.NONE);
  }

  /**
   * How a stream outlives its connection.
   *
   * @param millis how long another one is looked for; 0: not at all
   * @param frozenMillis how long of that while the guest waits for the stream
   * @param frames after so many without the destination's word a stream waits for it; these times
   *     the frame's size should be at least what is under way on the network
   * @param buffers places for frames that are kept until that word comes, for all streams; who
   *     finds none sends on, and breaks if the connection does before the word has come
   */
  public record Resuming(long millis, long frozenMillis, int frames, int buffers) {
    /** A broken connection is the end of its stream. */
    public static final Resuming NONE = new Resuming(0, 0, FRAMES_MIN, 0);

    /** What an agent does that was told nothing. */
    public static final Resuming USUAL = new Resuming(10_000, 200, 8, 128);

    public Resuming {
      between("resume", millis, 0, 600_000);
      between("resume-frozen", frozenMillis, 0, millis);
      between("resume-frames", frames, FRAMES_MIN, 1_024);
      between("resume-buffers", buffers, 0, 65_536);
    }

    /** Whether a stream may outlive its connection here. */
    public boolean isOn() {
      return millis > 0;
    }
  }

  /** The settings of an agent that was told nothing but where to listen. */
  public static StreamSettings at(String bind) {
    return at(bind, 10_000, 2_000);
  }

  /** The same with limits to silence of its own. */
  public static StreamSettings at(String bind, long idleMillis, long graceMillis) {
    return new StreamSettings(
        bind, 256 << 10, 64, idleMillis, graceMillis, 100, 5, Resuming.USUAL, Compression.NONE);
  }

  /** The same with those limits to what a broken connection may cost. */
  public StreamSettings with(Resuming other) {
    return with(other, compression);
  }

  /** The same where those images are packed. */
  public StreamSettings with(Compression other) {
    return with(resuming, other);
  }

  private StreamSettings with(Resuming mending, Compression packing) {
    return new StreamSettings(
        bind,
        frameBytes,
        buffers,
        idleMillis,
        graceMillis,
        progressMillis,
        drainMillis,
        mending,
        packing);
  }

  private static boolean isEndpoint(String bind) {
    try {
      return Endpoint.parse(bind).port() >= 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static void between(String property, long value, long least, long most) {
    require(
        value >= least && value <= most,
        property,
        "must be between %d and %d, is %d".formatted(least, most, value));
  }

  private static void require(boolean holds, String property, String problem) {
    if (!holds) {
      throw new IllegalArgumentException("fermata.agent.data-plane." + property + " " + problem);
    }
  }
}

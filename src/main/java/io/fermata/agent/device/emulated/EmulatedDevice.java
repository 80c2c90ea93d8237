package io.fermata.agent.device.emulated;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceFault;
import io.fermata.agent.device.DeviceProfile;
import io.fermata.agent.device.Errno;
import io.fermata.device.Arcs;
import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One emulated device. Answers as a kernel driver would: a SET walks the whole path to the state
 * asked for, one state at a time, on this device alone; it stops where a hop fails.
 */
public final class EmulatedDevice implements DeviceControl {
  private static final Errno BAD_DESCRIPTOR = new Errno(9);

  private final DeviceSettings settings;
  private final Surroundings around;
  private final RandomGenerator random;
  private final DeviceName name;
  private final Capabilities capabilities;
  private final Shape shape;
  private final DeviceMemory memory;
  private final Peer peer;
  private final Sessions sessions;
  private final FaultBook faults;
  private final Standstill standstill;
  private final DriverMutex mutex = new DriverMutex(this::takeReset);

  /** What a device shares with others of its host. */
  record Surroundings(Pace pace, PeerGroup group, CommandQueue queue, @Nullable Path memory) {}

  EmulatedDevice(DeviceSettings settings, Surroundings around, RandomGenerator random) {
    this.settings = settings;
    this.around = around;
    this.random = random;
    this.name = new DeviceName(settings.name());
    this.capabilities = settings.capabilities();
    long blockBytes = settings.profile().blockBytes(settings.stateBytes());
    this.shape = new Shape(settings.model(), settings.stateBytes(), blockBytes);
    Path folder = around.memory();
    Kept kept =
        folder == null
            ? Kept.NOWHERE
            : KeptInFile.open(folder.resolve(settings.name()), shape.blocks());
    this.memory = new DeviceMemory(shape, settings.dirtyBytesPerSecond(), random, kept);
    this.peer = new Peer(name, memory, kept);
    this.faults = new FaultBook(settings.faults());
    this.standstill = new Standstill(around.pace());
    this.sessions = new Sessions(this::newSave, this::newLoad);
    Kept.Before before = kept.before();
    if (before == null) {
      memory.adopt(first(settings));
      peer.arrive(DeviceState.RUNNING);
    } else {
      // What was being read or written is gone with the process that held the descriptor.
      memory.adopt(before.contents());
      peer.arrive(before.state());
    }
    around.group().join(peer);
  }

  private Contents first(DeviceSettings settings) {
    String guest = settings.guest();
    long[] versions = new long[shape.blocks()];
    return guest == null
        ? Contents.of(Identity.BLANK, 0, versions)
        : Contents.of(new Identity(guest, settings.name()), 1, versions);
  }

  private SaveSession newSave() {
    Fault fault = faults.ofImage();
    return new SaveSession(shape, memory, settings.profile().precopy(), around.pace(), fault);
  }

  private LoadSession newLoad() {
    boolean again = settings.profile().precopy() == Precopy.BLOCKS;
    return new LoadSession(shape, again ? Long.MAX_VALUE : shape.imageBytes());
  }

  @Override
  public DeviceName name() {
    return name;
  }

  @Override
  public DeviceProfile profile() {
    String driver = settings.profile().driver();
    return new DeviceProfile("sim", driver, settings.model(), settings.parent());
  }

  @Override
  public Capabilities capabilities() {
    return capabilities;
  }

  @Override
  public DeviceState state() {
    requireSupport("GET of the state");
    if (!settings.stateWaits()) {
      return peer.state();
    }
    mutex.lock();
    try {
      return peer.state();
    } finally {
      mutex.unlock();
    }
  }

  @Override
  public void move(DeviceState to) {
    requireSupport("SET of the state");
    mutex.lock();
    try {
      DeviceState from = peer.state();
      if (!Arcs.legal(from, to, capabilities)) {
        throw new DeviceFault(name, Errno.EINVAL, "moving " + from + " to " + to);
      }
      Fault fault = faults.ofSet(from, to);
      if (fault == null) {
        walk(Arcs.path(from, to, capabilities));
      } else {
        meet(fault, from, to);
      }
    } finally {
      mutex.unlock();
    }
  }

  private void meet(Fault fault, DeviceState from, DeviceState to) {
    List<DeviceState> path = Arcs.path(from, to, capabilities);
    switch (fault.kind()) {
      case REFUSED -> {}
      case MOVED -> walk(path.subList(0, Math.min(fault.after(), path.size())));
      case ERROR -> {
        walk(path.subList(0, Math.min(fault.after(), path.size())));
        sessions.end();
        around.group().arrive(peer, DeviceState.ERROR);
      }
      case HANG -> {
        hang(path, fault);
        return;
      }
      case LATE -> {
        walk(path);
        standstill.await(fault.duration());
        return;
      }
      case FLIPPED_BIT, SHORT_IMAGE -> throw new IllegalStateException("no fault of a SET");
    }
    throw new DeviceFault(name, new Errno(fault.errno()), "moving " + from + " to " + to);
  }

  private void hang(List<DeviceState> path, Fault fault) {
    if (!path.isEmpty()) {
      // From here on the device may be as before or as after, for as long as it hangs.
      around.group().begin(peer, path.getFirst());
    }
    standstill.await(fault.duration());
    walk(path);
  }

  private void walk(List<DeviceState> path) {
    for (DeviceState to : path) {
      hop(to);
    }
  }

  private void hop(DeviceState to) {
    DeviceState from = peer.state();
    HopKind kind = HopKind.of(from, to);
    around.group().begin(peer, to);
    long nanos = settings.latencies().nanos(kind, random);
    around.queue().run(() -> around.pace().sleepNanos(nanos));
    if (kind == HopKind.LOAD) {
      load();
    }
    // Before the arrival: whoever sees STOP_COPY must not meet a session that still says "drained
    // for now". Nothing changes in the device since the hop began, so the end mark is right
    // already.
    sessions.apply(SessionEffect.of(from, to));
    around.group().arrive(peer, to);
  }

  private void load() {
    LoadSession session = sessions.load();
    Contents image = session == null ? null : session.verdict();
    if (image == null) {
      around.group().stay(peer);
      throw new DeviceFault(name, Errno.EINVAL, "loading an image that is not whole or not right");
    }
    around.group().load(peer, image);
  }

  @Override
  public void reset() {
    // The descriptors die at once, as with a driver: also when the rest waits for a call under way.
    sessions.end();
    mutex.reset();
  }

  private void takeReset() {
    sessions.end();
    around.group().reset(peer);
  }

  @Override
  public long dataSize() {
    requireSupport("asking for the size of the image");
    return shape.imageBytes();
  }

  @Override
  public PrecopyInfo precopy() {
    SaveSession session = saving("asking what pre-copy has left");
    DeviceState at = peer.state();
    if (at != DeviceState.PRE_COPY && at != DeviceState.PRE_COPY_P2P) {
      throw new DeviceFault(name, Errno.EINVAL, "asking what pre-copy has left in " + at);
    }
    return session.left();
  }

  @Override
  public int read(ByteBuffer into) {
    return saving("reading").read(into);
  }

  @Override
  public void write(ByteBuffer from) {
    LoadSession session = sessions.load();
    if (session == null) {
      throw new DeviceFault(name, noSession(sessions.save()), "writing");
    }
    boolean taken = session.write(from);
    Identity incoming = session.incoming();
    if (incoming != null) {
      around.group().expect(peer, incoming, () -> sessions.load() == session);
    }
    if (!taken) {
      throw new DeviceFault(name, Errno.ENOMEM, "writing more than an image has");
    }
  }

  private SaveSession saving(String attempted) {
    SaveSession session = sessions.save();
    if (session == null) {
      throw new DeviceFault(name, noSession(sessions.load()), attempted);
    }
    return session;
  }

  /** The wrong end of a pipe is EBADF, one that is over or was never there is ENODEV. */
  private static Errno noSession(@Nullable Object other) {
    return other == null ? Errno.ENODEV : BAD_DESCRIPTOR;
  }

  private void requireSupport(String attempted) {
    if (capabilities.flags() == 0) {
      throw new DeviceFault(name, Errno.ENOTTY, attempted);
    }
  }

  /**
   * A device that holds a guest's state stays as it is: the guest's machine holds a descriptor too.
   * A blank one is held by nobody else and is reset.
   */
  @Override
  public void close() {
    if (memory.identity().isBlank()) {
      reset();
    }
  }

  /** What the device holds, for those who compare both ends. */
  public Contents contents() {
    return memory.contents();
  }

  /** How many blocks the last saving session found written but not changed, and did not send. */
  public long unchangedSkipped() {
    return memory.unchangedSkipped();
  }

  /** One more thing to go wrong. */
  void inject(Fault fault) {
    faults.add(fault);
  }

  boolean release() {
    return standstill.release();
  }

  void doorbell() {
    around.group().doorbell(peer);
  }
}

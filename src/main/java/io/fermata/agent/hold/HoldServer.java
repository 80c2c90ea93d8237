package io.fermata.agent.hold;

import io.fermata.agent.device.kernel.NotHeld;
import io.fermata.agent.os.OsFault;
import io.fermata.agent.os.Packet;
import io.fermata.agent.os.PacketListener;
import io.fermata.agent.os.PacketSocket;
import io.fermata.device.DeviceName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/**
 * Answers at the socket: one platform thread accepts, one more for each connection, since what is
 * done there are calls into the kernel.
 */
public final class HoldServer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(HoldServer.class.getName());
  private static final Duration ENDING = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final HoldSettings settings;
  private final Doorkeeper doorkeeper;
  private final Holder holder;
  private final String host;
  private final Semaphore free;
  private final PacketListener listener;
  private final Thread thread;

  /**
   * Who may ask for what.
   *
   * @param self the agent's own user
   * @param owners of a device that only one user may give or get
   */
  public record Doorkeeper(int self, Map<DeviceName, Integer> owners) {
    public Doorkeeper {
      owners = Map.copyOf(owners);
    }

    private boolean isMaster(PacketSocket.Peer peer) {
      return peer.uid() == 0 || peer.uid() == self;
    }

    boolean admits(PacketSocket.Peer peer, HoldSettings settings) {
      return isMaster(peer)
          || settings.uids().contains(peer.uid())
          || settings.gids().contains(peer.gid());
    }

    boolean admits(PacketSocket.Peer peer, DeviceName device) {
      Integer owner = owners.get(device);
      return isMaster(peer) || owner == null || owner == peer.uid();
    }
  }

  private HoldServer(
      HoldSettings settings,
      Doorkeeper doorkeeper,
      Holder holder,
      String host,
      PacketListener listener) {
    this.settings = settings;
    this.doorkeeper = doorkeeper;
    this.holder = holder;
    this.host = host;
    this.listener = listener;
    this.free = new Semaphore(settings.connections());
    this.thread = Thread.ofPlatform().daemon().name("hold-accept").unstarted(this::accept);
  }

  /**
   * Listens.
   *
   * @param host named in every refusal
   * @throws IOException when the socket cannot be made as the settings want it
   */
  public static HoldServer open(
      HoldSettings settings, Doorkeeper doorkeeper, Holder holder, String host) throws IOException {
    Path path = Objects.requireNonNull(settings.socket());
    var listener = PacketListener.open(path, settings.access());
    var server = new HoldServer(settings, doorkeeper, holder, host, listener);
    server.thread.start();
    return server;
  }

  private void accept() {
    Optional<PacketSocket> next = next();
    while (next.isPresent()) {
      admit(next.get());
      next = next();
    }
  }

  /** Empty when this is closed. A connection that came to nothing is not the end of all others. */
  private Optional<PacketSocket> next() {
    while (true) {
      try {
        return listener.accept();
      } catch (OsFault fault) {
        LOG.log(System.Logger.Level.WARNING, "{0}: {1}", listener, fault.getMessage());
        LockSupport.parkNanos(PAUSE.toNanos()); // such as: no descriptors left
      }
    }
  }

  private void admit(PacketSocket socket) {
    if (!free.tryAcquire()) {
      try (socket) {
        answer(socket, HoldRequest.refused(HoldRefusal.BUSY, host + ": too many connections"));
      }
      return;
    }
    Thread.ofPlatform().daemon().name("hold").start(() -> serve(socket));
  }

  private void serve(PacketSocket socket) {
    try (socket) {
      socket.patience(settings.patience());
      PacketSocket.Peer peer = socket.peer();
      if (!doorkeeper.admits(peer, settings)) {
        // What was sent is taken in first: a socket that is closed over it takes the answer along.
        receive(socket).ifPresent(Packet::closeAll);
        answer(socket, notAllowed(peer, "ask here"));
        return;
      }
      Optional<Packet> packet = receive(socket);
      while (packet.isPresent()) {
        take(socket, peer, packet.get());
        packet = receive(socket);
      }
    } catch (OsFault gone) {
      LOG.log(System.Logger.Level.DEBUG, "{0}: {1}", listener, gone.getMessage());
    } finally {
      free.release();
    }
  }

  private static Optional<Packet> receive(PacketSocket socket) {
    return socket.receive(HoldRequest.BYTES_MOST, HoldRequest.DESCRIPTORS_MOST);
  }

  private static void answer(PacketSocket socket, byte[] words) {
    try {
      socket.send(words);
    } catch (OsFault gone) {
      LOG.log(System.Logger.Level.DEBUG, "nobody waits for an answer: {0}", gone.getMessage());
    }
  }

  private byte[] notAllowed(PacketSocket.Peer peer, String what) {
    LOG.log(System.Logger.Level.WARNING, "{0}: {1} may not {2}", listener, peer, what);
    return HoldRequest.refused(
        HoldRefusal.NOT_ALLOWED,
        host
            + ": user "
            + peer.uid()
            + " (process "
            + peer.pid()
            + ") may not "
            + what
            + "; see fermata.agent.holding.uids and a device's uid");
  }

  /** Every way out of here has sent one answer, and has closed what nobody took over. */
  private void take(PacketSocket socket, PacketSocket.Peer peer, Packet packet) {
    HoldRequest request;
    try {
      if (!packet.whole()) {
        throw new HoldRequest.Malformed(HoldRefusal.TOO_LARGE, "too long, or too many descriptors");
      }
      request = HoldRequest.read(packet.bytes(), packet.descriptors().length);
    } catch (HoldRequest.Malformed e) {
      packet.closeAll();
      answer(socket, HoldRequest.refused(e.code(), host + ": " + e.getMessage()));
      return;
    }
    if (!doorkeeper.admits(peer, request.device())) {
      packet.closeAll();
      answer(socket, notAllowed(peer, "ask for " + request.device()));
      return;
    }
    try {
      perform(socket, request, packet.descriptors());
      LOG.log(System.Logger.Level.INFO, "{0} asked and has: {1}", peer, request);
    } catch (NotHeld missing) {
      LOG.log(System.Logger.Level.WARNING, "{0} asked {1}: {2}", peer, request, missing.code());
      answer(socket, HoldRequest.refused(missing.code(), host + " " + missing.getMessage()));
    }
  }

  private void perform(PacketSocket socket, HoldRequest request, int[] descriptors) {
    byte[] done = HoldRequest.done(request.device());
    switch (request) {
      case HoldRequest.Take r ->
          holder.take(r.device(), descriptors[0], descriptors.length > 1 ? descriptors[1] : null);
      case HoldRequest.Adopt r -> holder.adopt(r.device(), r.pid());
      case HoldRequest.Hold r -> holder.hold(r.device());
      case HoldRequest.Release r -> holder.release(r.device());
      case HoldRequest.Give r -> {
        holder.lend(r.device(), (device, iommu) -> hand(socket, done, device, iommu));
        return;
      }
    }
    answer(socket, done);
  }

  private static void hand(PacketSocket socket, byte[] words, int device, int iommu) {
    if (iommu < 0) {
      socket.send(words, device);
    } else {
      socket.send(words, device, iommu);
    }
  }

  /** Lets nobody in any more; what is under way ends by itself. */
  @Override
  public void close() {
    listener.wake();
    try {
      // Its number goes back only when nobody waits on it: another file would get it.
      if (thread.join(ENDING)) {
        listener.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

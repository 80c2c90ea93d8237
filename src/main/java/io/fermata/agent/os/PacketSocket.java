package io.fermata.agent.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.fermata.agent.device.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Optional;

/**
 * A UNIX socket of packets (SOCK_SEQPACKET, or SOCK_DGRAM to the service manager): the kernel keeps
 * each packet whole, with the open files that it carries (SCM_RIGHTS). Calls block; for one thread
 * at a time, except {@link #wake}.
 */
public final class PacketSocket implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_SEQPACKET = 5;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;
  private static final int SO_PEERCRED = 17;
  private static final int SO_RCVTIMEO = 20;
  private static final int SO_SNDTIMEO = 21;

  private final int number;
  private final String name;

  /** Who is at the other end, as the kernel knew it when the connection was made. */
  public record Peer(int pid, int uid, int gid) {}

  private PacketSocket(int number, String name) {
    this.number = number;
    this.name = name;
  }

  /** Connects to a listener. */
  public static PacketSocket connect(String path) {
    return connected(path, SOCK_SEQPACKET);
  }

  /** Single packets to whoever reads there. */
  static PacketSocket datagrams(String path) {
    return connected(path, SOCK_DGRAM);
  }

  private static PacketSocket connected(String path, int type) {
    PacketSocket socket = unbound(path, type);
    try (Arena memory = Arena.ofConfined()) {
      int answer = Calls.connect(socket.number, Message.address(memory, path));
      socket.orClose(answer, "connecting to " + path);
    }
    return socket;
  }

  /** Listens there; whatever is at that path must be gone. */
  static PacketSocket listening(String path, int backlog) {
    PacketSocket socket = unbound(path, SOCK_SEQPACKET);
    try (Arena memory = Arena.ofConfined()) {
      int bound = Calls.bind(socket.number, Message.address(memory, path));
      socket.orClose(bound, "binding " + path);
      socket.orClose(Calls.listen(socket.number, backlog), "listening at " + path);
    }
    return socket;
  }

  /** Takes datagrams there, as the service manager does. */
  static PacketSocket taking(String path) {
    PacketSocket socket = unbound(path, SOCK_DGRAM);
    try (Arena memory = Arena.ofConfined()) {
      int bound = Calls.bind(socket.number, Message.address(memory, path));
      socket.orClose(bound, "binding " + path);
    }
    return socket;
  }

  private static PacketSocket unbound(String path, int type) {
    return new PacketSocket(
        (int) checked(Calls.socket(AF_UNIX, type | SOCK_CLOEXEC), "making a socket for " + path),
        path);
  }

  private void orClose(int answer, String attempted) {
    if (answer < 0) {
      close();
      checked(answer, attempted);
    }
  }

  /** Waits for a connection; empty when this was woken to end. */
  Optional<PacketSocket> accept() {
    int answer = Calls.accept(number, SOCK_CLOEXEC);
    while (answer == -Calls.EINTR) {
      answer = Calls.accept(number, SOCK_CLOEXEC);
    }
    if (answer == -Errno.EINVAL.number()) {
      return Optional.empty(); // shut down
    }
    return Optional.of(new PacketSocket((int) checked(answer, "accepting at " + name), name));
  }

  /** No call waits longer than that. */
  public void patience(Duration longest) {
    try (Arena memory = Arena.ofConfined()) {
      MemorySegment time = memory.allocate(16, Long.BYTES);
      time.set(JAVA_LONG, 0, longest.toSeconds());
      time.set(JAVA_LONG, 8, longest.toMillisPart() * 1000L);
      checked(Calls.setOption(number, SO_RCVTIMEO, time), "limiting the wait at " + name);
      checked(Calls.setOption(number, SO_SNDTIMEO, time), "limiting the wait at " + name);
    }
  }

  /** Who is at the other end. */
  public Peer peer() {
    try (Arena memory = Arena.ofConfined()) {
      MemorySegment found = memory.allocate(12, Integer.BYTES).fill((byte) 0);
      MemorySegment size = memory.allocate(JAVA_INT);
      size.set(JAVA_INT, 0, 12);
      checked(Calls.option(number, SO_PEERCRED, found, size), "asking who is at " + name);
      return new Peer(found.get(JAVA_INT, 0), found.get(JAVA_INT, 4), found.get(JAVA_INT, 8));
    }
  }

  /** Sends one packet. The descriptors stay the caller's. */
  public void send(byte[] bytes, int... descriptors) {
    try (Arena memory = Arena.ofConfined()) {
      MemorySegment message = Message.toSend(memory, bytes, descriptors);
      long answer = Calls.send(number, message, MSG_NOSIGNAL);
      while (answer == -Calls.EINTR) {
        answer = Calls.send(number, message, MSG_NOSIGNAL);
      }
      checked(answer, "sending to " + name);
    }
  }

  /** The next packet; empty when the other end has closed. */
  public Optional<Packet> receive(int bytesMost, int descriptorsMost) {
    try (Arena memory = Arena.ofConfined()) {
      MemorySegment data = memory.allocate(bytesMost);
      MemorySegment control = Message.control(memory, descriptorsMost);
      MemorySegment message = Message.room(memory, data, control);
      long answer = Calls.receive(number, message, MSG_CMSG_CLOEXEC);
      while (answer == -Calls.EINTR) {
        answer = Calls.receive(number, message, MSG_CMSG_CLOEXEC);
      }
      int bytes = (int) checked(answer, "receiving at " + name);
      int[] descriptors = Message.descriptors(message, control);
      if (bytes == 0 && descriptors.length == 0) {
        return Optional.empty();
      }
      byte[] said = data.asSlice(0, bytes).toArray(JAVA_BYTE);
      return Optional.of(new Packet(said, descriptors, Message.isWhole(message)));
    }
  }

  /** Ends what waits here on another thread. */
  void wake() {
    Calls.shutdown(number);
  }

  @Override
  public void close() {
    Calls.close(number);
  }

  static long checked(long answer, String attempted) {
    if (answer < 0) {
      throw new OsFault(new Errno((int) -answer), attempted);
    }
    return answer;
  }
}

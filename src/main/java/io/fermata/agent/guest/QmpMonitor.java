package io.fermata.agent.guest;

import io.fermata.handover.message.ClaimReport.GuestState;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One connection to a QEMU machine protocol (QMP) socket: a greeting, then commands and answers one
 * by one, and events in between. Connecting and reading happen on a thread of its own, so whoever
 * asks waits no longer than the deadline, whatever hangs at the other end.
 */
final class QmpMonitor implements AutoCloseable {
  /** No answer to the few commands that are used here comes near it. */
  private static final int LINE_BYTES = 1 << 20;

  private static final JsonMapper JSON = new JsonMapper();

  private final Path socket;
  private final Duration deadline;
  private final Consumer<String> events;
  private final SocketChannel channel;
  private final BlockingQueue<Reply> replies = new LinkedBlockingQueue<>();
  private volatile boolean ended;
  private volatile boolean up;

  /** The end of the connection. */
  static final String ENDED = "the connection ended";

  private sealed interface Reply {
    record Line(JsonNode json) implements Reply {}

    record Broken(QmpFault fault) implements Reply {}
  }

  private QmpMonitor(Path socket, Duration deadline, Consumer<String> events, SocketChannel open) {
    this.socket = socket;
    this.deadline = deadline;
    this.events = events;
    this.channel = open;
  }

  /**
   * Connects and takes up the protocol.
   *
   * @param events told each event's name, and {@link #ENDED}; must not block
   * @throws QmpFault GONE where nobody listens, SILENT where nobody answers in time
   */
  static QmpMonitor open(Path socket, Duration deadline, Consumer<String> events) throws QmpFault {
    QmpMonitor monitor;
    try {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      monitor = new QmpMonitor(socket, deadline, events, channel);
    } catch (IOException e) {
      throw new QmpFault(GuestState.UNKNOWN, socket + ": " + e);
    }
    try {
      Thread.ofPlatform().daemon().name("qmp-" + socket.getFileName()).start(monitor::read);
      monitor.reply("its greeting");
      monitor.execute("qmp_capabilities");
      monitor.up = true;
      return monitor;
    } catch (QmpFault e) {
      monitor.close();
      throw e;
    }
  }

  /** Runs one command that takes no arguments. */
  JsonNode execute(String command) throws QmpFault {
    byte[] line = ("{\"execute\":\"" + command + "\"}\n").getBytes(StandardCharsets.UTF_8);
    try {
      ByteBuffer left = ByteBuffer.wrap(line);
      while (left.hasRemaining()) {
        channel.write(left);
      }
    } catch (IOException e) {
      throw new QmpFault(GuestState.GONE, socket + ": asking for " + command + ": " + e);
    }
    JsonNode answer = reply(command);
    JsonNode error = answer.get("error");
    if (error != null) {
      throw new QmpFault(GuestState.UNKNOWN, socket + " refused " + command + ": " + error);
    }
    return answer.path("return");
  }

  boolean hasEnded() {
    return ended;
  }

  private JsonNode reply(String awaited) throws QmpFault {
    try {
      @Nullable Reply reply = replies.poll(deadline.toNanos(), TimeUnit.NANOSECONDS);
      return switch (reply) {
        case Reply.Line line -> line.json;
        case Reply.Broken broken -> throw broken.fault;
        case null ->
            throw new QmpFault(
                GuestState.SILENT,
                socket + " did not answer within " + deadline.toMillis() + " ms: " + awaited);
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new QmpFault(GuestState.UNKNOWN, socket + ": the agent is closing");
    }
  }

  private void read() {
    try {
      if (!Files.exists(socket)) {
        throw new IOException("there is no such socket");
      }
      channel.connect(UnixDomainSocketAddress.of(socket));
      lines();
      over("the virtual machine monitor closed the connection");
    } catch (IOException e) {
      over(String.valueOf(e.getMessage()));
    } catch (JacksonException e) {
      over("what came is no QMP");
    }
  }

  private void lines() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(LINE_BYTES);
    int scanned = 0;
    while (channel.read(bytes) >= 0) {
      for (; scanned < bytes.position(); scanned++) {
        if (bytes.get(scanned) == '\n') {
          take(new String(bytes.array(), 0, scanned, StandardCharsets.UTF_8));
          bytes.flip().position(scanned + 1);
          bytes.compact();
          scanned = -1;
        }
      }
      if (!bytes.hasRemaining()) {
        throw new IOException("a line of more than " + LINE_BYTES + " bytes");
      }
    }
  }

  private void take(String line) {
    JsonNode json = JSON.readTree(line);
    JsonNode event = json.get("event");
    if (event == null) {
      replies.add(new Reply.Line(json));
    } else {
      events.accept(event.asString());
    }
  }

  /** The end of a connection that never was is an answer, no event. */
  private void over(String detail) {
    boolean news = up && !ended;
    ended = true;
    replies.add(new Reply.Broken(new QmpFault(GuestState.GONE, socket + ": " + detail)));
    if (news) {
      events.accept(ENDED);
    }
  }

  /** Lets go of the connection; its thread ends with it. */
  @Override
  public void close() {
    ended = true;
    try {
      channel.close();
    } catch (IOException e) {
      System.getLogger(QmpMonitor.class.getName())
          .log(System.Logger.Level.DEBUG, "closing " + socket, e);
    }
  }
}

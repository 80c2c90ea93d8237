package io.fermata.agent.stream.tls;

import io.netty.util.ReferenceCountUtil;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLHandshakeException;

/**
 * One encrypted connection, blocking. One thread shakes hands, reads and writes; any thread may
 * close it, which wakes the first. What is native goes with the thread that used it: its own close
 * comes last.
 *
 * <p>Payloads are decrypted straight into the reader's buffer wherever a whole record fits there,
 * and many records go out with one write.
 */
public final class TlsWire implements ByteChannel {
  private static final int URI_NAME = 6; // RFC 5280, 4.2.1.6
  private static final Pattern AGENT =
      Pattern.compile("spiffe://([^/]+)/agent/([A-Za-z0-9][A-Za-z0-9.-]*)");
  private static final int RECORD_BYTES = 16 << 10;
  private static final int RECORDS_AT_ONCE = 16;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final SocketChannel channel;
  private final SSLEngine engine;
  private final String trustDomain;
  private final Thread owner = Thread.currentThread();
  private ByteBuffer out;
  private ByteBuffer in;
  private final ByteBuffer early; // plain bytes that did not fit the reader's buffer
  private boolean ended;
  private boolean released;
  private String peer = "";

  TlsWire(SocketChannel channel, SSLEngine engine, String trustDomain) {
    this.channel = channel;
    this.engine = engine;
    this.trustDomain = trustDomain;
    int packet = engine.getSession().getPacketBufferSize();
    this.out = ByteBuffer.allocateDirect(packet);
    this.in = ByteBuffer.allocateDirect(packet).flip();
    this.early = ByteBuffer.allocateDirect(2 * RECORD_BYTES).flip();
  }

  /** The host whose agent the other side proved to be. */
  public String peer() {
    return peer;
  }

  /** From here on much is moved: a stranger is not worth these buffers. */
  public void widen() {
    int packet = engine.getSession().getPacketBufferSize();
    out = ByteBuffer.allocateDirect(RECORDS_AT_ONCE * packet);
    in = ByteBuffer.allocateDirect(RECORDS_AT_ONCE * packet).put(in).flip();
  }

  void shakeHands() throws IOException {
    engine.beginHandshake();
    HandshakeStatus next = engine.getHandshakeStatus();
    while (next != HandshakeStatus.FINISHED && next != HandshakeStatus.NOT_HANDSHAKING) {
      next =
          switch (next) {
            case NEED_WRAP -> wrap(NOTHING).getHandshakeStatus();
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> unwrapHandshake();
            case NEED_TASK -> runTasks();
            case FINISHED, NOT_HANDSHAKING -> next;
          };
    }
    peer = agent(engine.getSession().getPeerCertificates()[0]);
  }

  private HandshakeStatus runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
    return engine.getHandshakeStatus();
  }

  private HandshakeStatus unwrapHandshake() throws IOException {
    early.compact();
    SSLEngineResult result;
    try {
      result = engine.unwrap(in, early);
    } finally {
      early.flip();
    }
    if (result.getStatus() == Status.BUFFER_UNDERFLOW && !receive()) {
      throw new EOFException("the peer closed in the handshake");
    }
    if (result.getStatus() == Status.CLOSED) {
      throw new SSLHandshakeException("the peer refused the handshake");
    }
    return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
        ? HandshakeStatus.NOT_HANDSHAKING
        : result.getHandshakeStatus();
  }

  private String agent(Certificate shown) throws IOException {
    Collection<List<?>> names;
    try {
      names = ((X509Certificate) shown).getSubjectAlternativeNames();
    } catch (CertificateParsingException e) {
      throw new SSLHandshakeException("the peer's certificate cannot be read: " + e.getMessage());
    }
    List<String> uris =
        names == null
            ? List.of()
            : names.stream()
                .filter(name -> Integer.valueOf(URI_NAME).equals(name.getFirst()))
                .map(name -> String.valueOf(name.get(1)))
                .toList();
    // One with several URIs names nobody: which of them counts would be ours to choose.
    Matcher form = AGENT.matcher(uris.size() == 1 ? uris.getFirst() : "");
    if (!form.matches() || !form.group(1).equals(trustDomain)) {
      throw new SSLHandshakeException(
          "the peer's certificate must be for one spiffe://%s/agent/HOST, it is for %s"
              .formatted(trustDomain, uris));
    }
    return form.group(2);
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    int before = from.remaining();
    do {
      wrap(from);
    } while (from.hasRemaining());
    return before;
  }

  /** Fills the buffer with records and sends them; at least one. */
  private SSLEngineResult wrap(ByteBuffer from) throws IOException {
    out.clear();
    SSLEngineResult result = engine.wrap(from, out);
    while (from.hasRemaining() && result.getStatus() == Status.OK) {
      result = engine.wrap(from, out);
    }
    if (result.getStatus() == Status.CLOSED && from.hasRemaining()) {
      throw new IOException("the encrypted connection is closed");
    }
    out.flip();
    while (out.hasRemaining()) {
      channel.write(out);
    }
    return result;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    if (early.hasRemaining()) {
      return takeEarly(into);
    }
    int before = into.position();
    while (into.position() == before && !early.hasRemaining() && !ended) {
      decrypt(into);
    }
    if (into.position() == before && early.hasRemaining()) {
      return takeEarly(into);
    }
    return into.position() > before ? into.position() - before : -1;
  }

  private int takeEarly(ByteBuffer into) {
    int length = Math.min(into.remaining(), early.remaining());
    into.put(early.slice(early.position(), length));
    early.position(early.position() + length);
    return length;
  }

  /** One record or more into the reader's buffer, or one aside, or more bytes from the network. */
  private void decrypt(ByteBuffer into) throws IOException {
    Status status = Status.OK;
    boolean moved = false;
    while (status == Status.OK && into.remaining() >= RECORD_BYTES && in.hasRemaining()) {
      SSLEngineResult result = engine.unwrap(in, into);
      status = result.getStatus();
      moved |= result.bytesProduced() > 0;
      answerKeyUpdate(result);
    }
    boolean open = status == Status.OK || status == Status.BUFFER_OVERFLOW;
    if (!moved && open && in.hasRemaining()) {
      early.clear();
      SSLEngineResult result = engine.unwrap(in, early);
      early.flip();
      status = result.getStatus();
      moved = result.bytesProduced() > 0;
      answerKeyUpdate(result);
    }
    if (status == Status.CLOSED) {
      ended = true;
    } else if (!moved && (status == Status.BUFFER_UNDERFLOW || !in.hasRemaining()) && !receive()) {
      ended = true;
    }
  }

  private void answerKeyUpdate(SSLEngineResult result) throws IOException {
    if (result.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
      wrap(NOTHING);
    }
  }

  /** False when the peer has closed. */
  private boolean receive() throws IOException {
    in.compact();
    try {
      return channel.read(in) >= 0;
    } finally {
      in.flip();
    }
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      if (Thread.currentThread() == owner && !released) {
        released = true;
        engine.closeOutbound();
        ReferenceCountUtil.release(engine);
      }
    }
  }
}

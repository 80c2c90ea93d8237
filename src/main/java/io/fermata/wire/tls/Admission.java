package io.fermata.wire.tls;

/** Whom a connection may lead to. Asked during the handshake, before a byte of ours is sent. */
public interface Admission {
  /**
   * Whether what answers there is whom the caller wants.
   *
   * @param host as the caller wrote it in the address
   * @param port the port that was connected to
   * @param found who answered there
   */
  boolean admits(String host, int port, Identity found);
}

package io.fermata.webhook;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.Map;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * One POST on a connection of its own, to an address that was resolved and looked at before: the
 * JDK's client would resolve the name again. Follows no redirect and reads no body.
 */
final class Delivery {
  private static final int LINE_MAX = 4096;

  private final int timeoutMillis;

  Delivery(int timeoutMillis) {
    this.timeoutMillis = timeoutMillis;
  }

  /** The receiver did not take it. */
  static final class Failed extends Exception {
    private static final long serialVersionUID = 1L;

    Failed(String detail, @Nullable Throwable cause) {
      super(detail, cause);
    }
  }

  /**
   * Sends the body.
   *
   * @throws Failed if anything but a status from 200 to 299 comes of it
   */
  void post(URI url, InetAddress address, Map<String, String> headers, byte[] body) throws Failed {
    boolean secure = url.getScheme().equalsIgnoreCase("https");
    int usual = secure ? 443 : 80;
    int port = url.getPort() < 0 ? usual : url.getPort();
    try (Socket plain = new Socket()) {
      plain.connect(new InetSocketAddress(address, port), timeoutMillis);
      plain.setSoTimeout(timeoutMillis);
      Socket socket = secure ? secured(plain, url.getHost(), port) : plain;
      OutputStream out = socket.getOutputStream();
      out.write(head(url, port == usual ? "" : ":" + port, headers, body.length));
      out.write(body);
      out.flush();
      int status = status(new BufferedInputStream(socket.getInputStream()));
      if (status < 200 || status > 299) {
        throw new Failed("answered " + status, null);
      }
    } catch (IOException e) {
      throw new Failed(String.valueOf(e.getMessage()), e);
    }
  }

  private static Socket secured(Socket plain, String host, int port) throws IOException {
    var factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
    SSLSocket socket = (SSLSocket) factory.createSocket(plain, host, port, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  private static byte[] head(URI url, String port, Map<String, String> headers, int length) {
    String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    StringBuilder head = new StringBuilder("POST " + path + query + " HTTP/1.1\r\n");
    head.append("Host: ").append(url.getHost()).append(port).append("\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append("Content-Length: ").append(length).append("\r\nConnection: close\r\n\r\n");
    return head.toString().getBytes(ISO_8859_1);
  }

  private static int status(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int read = in.read(); read >= 0 && read != '\n'; read = in.read()) {
      line.append((char) read);
      if (line.length() > LINE_MAX) {
        throw new IOException("the status line has no end");
      }
    }
    String[] words = line.toString().strip().split(" ", 3);
    if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("[0-9]{3}")) {
      throw new IOException("no HTTP answer");
    }
    return Integer.parseInt(words[1]);
  }
}

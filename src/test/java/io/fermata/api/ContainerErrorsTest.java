package io.fermata.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests so broken that Tomcat answers them itself get a problem document too. */
class ContainerErrorsTest {
  private final ApiServer api = ApiServer.fresh();

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "GET /api/v1/hosts[ HTTP/1.1; 400",
        "GET /api/v1/%zz HTTP/1.1; 400",
        "GET /api/v1/hosts?o=%zz HTTP/1.1; 400",
        "POST /api/v1/migrations?o=%zz HTTP/1.1; 400",
        "GET /api/v1/a%2fb HTTP/1.1; 400",
        "TRACE /api/v1/hosts HTTP/1.1; 405",
        "BREW /api/v1/hosts HTTP/1.1; 405"
      })
  void aBrokenRequestLine(String line, int status) throws IOException {
    problem(raw(line + "\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), status);
  }

  @Test
  void headersThatAreTooLarge() throws IOException {
    String big = "X-Big: " + "x".repeat(20_000);
    problem(raw("GET /api/v1/hosts HTTP/1.1\r\nHost: x\r\n" + big + "\r\n\r\n"), 400);
  }

  private static void problem(String response, int status) {
    assertTrue(response.startsWith("HTTP/1.1 " + status), response);
    assertTrue(response.contains("application/problem+json"), response);
    assertTrue(response.contains("\"code\":\""), response);
    assertFalse(response.contains("<html") || response.contains("Exception"), response);
  }

  private String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      socket.getOutputStream().flush();
      socket.setSoTimeout(10_000);
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }
}

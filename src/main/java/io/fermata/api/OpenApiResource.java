package io.fermata.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fermata.api.request.Given;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The API as a program reads it: OpenAPI 3.1. Put together for whoever asks first: it is a quarter
 * of a second of a start, and a start may be that of a replica that takes over.
 */
@RestController
class OpenApiResource {
  private static final MediaType YAML = new MediaType("application", "yaml", UTF_8);

  private @Nullable Map<String, Object> document;

  private synchronized Map<String, Object> document() throws IOException {
    Map<String, Object> now = document;
    if (now == null) {
      now = OpenApi.merged();
      document = now;
    }
    return now;
  }

  @GetMapping("/api/v1/openapi.yaml")
  ResponseEntity<byte[]> openapi(HttpServletRequest request) throws IOException {
    Given query = Given.query(request);
    query.check();
    boolean asJson = "json".equals(request.getParameter("o"));
    return ResponseEntity.ok()
        .contentType(asJson ? MediaType.APPLICATION_JSON : YAML)
        .body(asJson ? Json.bytes(document()) : OpenApi.yaml(document()).getBytes(UTF_8));
  }
}

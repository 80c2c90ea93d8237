package io.fermata.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fermata.api.request.Given;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The API as a program reads it: OpenAPI 3.1. */
@RestController
class OpenApiResource {
  private static final MediaType YAML = new MediaType("application", "yaml", UTF_8);

  private final byte[] yaml;
  private final byte[] json;

  OpenApiResource() throws IOException {
    Map<String, Object> document = OpenApi.merged();
    yaml = OpenApi.yaml(document).getBytes(UTF_8);
    json = Json.bytes(document);
  }

  @GetMapping("/api/v1/openapi.yaml")
  ResponseEntity<byte[]> openapi(HttpServletRequest request) {
    Given query = Given.query(request);
    query.check();
    boolean asJson = "json".equals(request.getParameter("o"));
    return ResponseEntity.ok()
        .contentType(asJson ? MediaType.APPLICATION_JSON : YAML)
        .body(asJson ? json : yaml);
  }
}

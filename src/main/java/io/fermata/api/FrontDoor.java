package io.fermata.api;

import java.net.URI;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Whoever comes to the bare address, most likely with a browser, is shown the cookbook. */
@RestController
class FrontDoor {
  @GetMapping("/")
  ResponseEntity<Void> enter() {
    return ResponseEntity.status(HttpStatus.FOUND).location(URI.create("/api/v1/help")).build();
  }
}

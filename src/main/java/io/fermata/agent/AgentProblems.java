package io.fermata.agent;

import io.fermata.agent.device.kernel.NotHeld;
import io.fermata.wire.Codec;
import io.fermata.wire.Protocol;
import io.fermata.wire.WireFault;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** What could not be taken as it came, as problem documents (RFC 9457) with a stable code. */
@RestControllerAdvice
@Serving
final class AgentProblems {
  private final Codec codec;

  AgentProblems(Codec codec) {
    this.codec = codec;
  }

  /**
   * @param field path of the field at fault, or null
   * @param retryable whether the same request may do better later
   */
  private record Problem(
      String title,
      int status,
      String code,
      String detail,
      @Nullable String field,
      boolean retryable) {}

  @ExceptionHandler
  ResponseEntity<byte[]> malformed(WireFault fault) {
    HttpStatus status =
        switch (fault.code()) {
          case TOO_LARGE -> HttpStatus.CONTENT_TOO_LARGE;
          default -> HttpStatus.BAD_REQUEST;
        };
    return problem(status, fault.code().name(), fault.detail(), fault.field());
  }

  @ExceptionHandler
  ResponseEntity<byte[]> unknown(NoSuchClaim missing) {
    return problem(HttpStatus.NOT_FOUND, "UNKNOWN_CLAIM", text(missing), null);
  }

  /** A descriptor that cannot be had; its code is the problem's. */
  @ExceptionHandler
  ResponseEntity<byte[]> notHeld(NotHeld missing) {
    HttpStatus status =
        switch (missing.code()) {
          case UNKNOWN_DEVICE -> HttpStatus.NOT_FOUND;
          case BUSY -> HttpStatus.SERVICE_UNAVAILABLE;
          case NOT_HELD,
              CLAIMED,
              NO_SUCH_PROCESS,
              NOT_PERMITTED,
              NOT_THERE,
              OTHER_DEVICE,
              UNTOLD,
              REFUSED_BY_DEVICE ->
              HttpStatus.CONFLICT;
        };
    return problem(status, missing.code().name(), text(missing), null);
  }

  @ExceptionHandler
  ResponseEntity<byte[]> busy(AgentBusy busy) {
    return problem(HttpStatus.SERVICE_UNAVAILABLE, "BUSY", text(busy), null);
  }

  @ExceptionHandler
  ResponseEntity<byte[]> unproven(NotBelieved message) {
    return problem(HttpStatus.FORBIDDEN, "UNPROVEN_RECEIPT", text(message), null);
  }

  private static String text(RuntimeException e) {
    return String.valueOf(e.getMessage());
  }

  private ResponseEntity<byte[]> problem(
      HttpStatus status, String code, String detail, @Nullable String field) {
    boolean retryable = status == HttpStatus.SERVICE_UNAVAILABLE;
    var problem =
        new Problem(status.getReasonPhrase(), status.value(), code, detail, field, retryable);
    return ResponseEntity.status(status)
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .header(Protocol.HEADER, String.valueOf(codec.protocol().newest()))
        .body(codec.write(problem));
  }
}

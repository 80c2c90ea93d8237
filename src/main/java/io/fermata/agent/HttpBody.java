package io.fermata.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fermata.device.DeviceName;
import io.fermata.handover.MigrationId;
import io.fermata.wire.Codec;
import io.fermata.wire.WireFault;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/** What comes in and what goes out, as bytes. */
final class HttpBody {
  private HttpBody() {}

  /**
   * The whole body; no more of it is read than may be there.
   *
   * @throws WireFault if it is too long
   */
  static byte[] read(HttpServletRequest request) throws IOException {
    if (request.getContentLengthLong() > Codec.REQUEST_BYTES) {
      throw tooLarge();
    }
    byte[] bytes = request.getInputStream().readNBytes(Codec.REQUEST_BYTES + 1);
    if (bytes.length > Codec.REQUEST_BYTES) {
      throw tooLarge();
    }
    return bytes;
  }

  private static WireFault tooLarge() {
    String detail = "the body has more than " + Codec.REQUEST_BYTES + " bytes";
    return new WireFault(WireFault.Code.TOO_LARGE, detail, null);
  }

  static MigrationId migration(String text) {
    try {
      return new MigrationId(text);
    } catch (IllegalArgumentException e) {
      throw new WireFault(WireFault.Code.WRONG_VALUE, String.valueOf(e.getMessage()), "migration");
    }
  }

  static DeviceName device(String text) {
    try {
      return new DeviceName(text);
    } catch (IllegalArgumentException e) {
      throw new WireFault(WireFault.Code.WRONG_VALUE, String.valueOf(e.getMessage()), "device");
    }
  }

  static ResponseEntity<byte[]> text(String text) {
    return ResponseEntity.ok()
        .contentType(new MediaType(MediaType.TEXT_PLAIN, UTF_8))
        .body(text.getBytes(UTF_8));
  }
}

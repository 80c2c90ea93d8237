package io.fermata.agent.hold;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.fuzz.Fuzz;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The packets of the hold socket: whatever comes is a request or is refused in a packet. */
class HoldFuzzTest {
  private static final long BYTES_MOST = 1 << 20;

  @Test
  void whateverComesIsARequestOrIsRefused() {
    new Fuzz("hold", 60_000, BYTES_MOST)
        .feed(
            List.of(
                packet("take gpu0"),
                packet("give 0000:06:0d.0"),
                packet("adopt gpu0 4711"),
                packet("hold gpu0"),
                packet("release nic-1_a.b")),
            HoldFuzzTest::take);
  }

  private static byte[] packet(String words) {
    return ("fermata-hold 1 " + words).getBytes(US_ASCII);
  }

  private static void take(byte[] bytes) {
    for (int descriptors = 0; descriptors <= HoldRequest.DESCRIPTORS_MOST; descriptors++) {
      try {
        HoldRequest request = HoldRequest.read(bytes, descriptors);
        fits(HoldRequest.done(request.device()));
        assertTrue(request instanceof HoldRequest.Take == descriptors > 0, request::toString);
      } catch (HoldRequest.Malformed e) {
        fits(HoldRequest.refused(e.code(), "host-a: " + e.getMessage()));
      }
    }
  }

  private static void fits(byte[] answer) {
    assertTrue(answer.length <= HoldRequest.BYTES_MOST);
    for (byte each : answer) {
      assertTrue(each >= ' ' && each <= '~');
    }
  }
}

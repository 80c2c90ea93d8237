package io.fermata.agent;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.fermata.fuzz.Fuzz;
import io.fermata.handover.message.Request;
import io.fermata.wire.Codec;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A whole agent as bytes to replies. An input is a list of lines, each a request's type and body;
 * devices and time answer between them. Whatever is asked in whatever order, the barrier holds,
 * only single arcs are asked, and nothing is thrown.
 */
class AgentFuzzTest {
  private static final long BYTES_MOST = 64 << 20;
  private static final Codec CODEC = new Codec();

  @Test
  void whateverIsAskedTheBarrierHolds() {
    new Fuzz("agent", 12_000, BYTES_MOST)
        .feed(
            List.of(story(FuzzedAgent.sourceStory()), story(FuzzedAgent.destinationStory())),
            bytes -> new FuzzedAgent(CODEC).take(lines(bytes)));
  }

  /** The lines of a story, as an orchestrator would send them. */
  private static byte[] story(List<?> words) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Object word : words) {
      String type = word instanceof Request request ? Codec.type(request) : "peer";
      all.writeBytes((type + " ").getBytes(ISO_8859_1));
      all.writeBytes(CODEC.write(word));
      all.write('\n');
    }
    return all.toByteArray();
  }

  private static List<String> lines(byte[] bytes) {
    return new String(bytes, ISO_8859_1).lines().toList();
  }
}

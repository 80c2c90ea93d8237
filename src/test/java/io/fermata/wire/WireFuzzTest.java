package io.fermata.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.fuzz.Fuzz;
import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.handover.ResetRule;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.PeerMessage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Control messages: whatever comes is a message or a fault, and a message says what it said. */
class WireFuzzTest {
  private static final long BYTES_MOST = 32 << 20;

  private final Codec codec = new Codec();

  @Test
  void anyBytesAreAMessageOrAFault() {
    List<byte[]> corpus = new ArrayList<>();
    Samples.requests().forEach(request -> corpus.add(codec.write(request)));
    Samples.facts().forEach(fact -> corpus.add(codec.write(fact)));
    Samples.peerMessages().forEach(message -> corpus.add(codec.write(message)));
    corpus.add(codec.write(Samples.answer()));
    corpus.add(codec.write(new DeviceReset("ann", "OPS-7", true)));
    var against = new ResetRule.Objection(ResetRule.Code.BARRIER, "its sibling is frozen");
    DeviceState error = DeviceState.ERROR;
    corpus.add(
        codec.write(
            new DeviceReset.Done(
                new HostName("a"), new DeviceName("gpu0"), error, error, against)));
    new Fuzz("codec", 20_000, BYTES_MOST).feed(corpus, this::takeAll);
  }

  private void takeAll(byte[] bytes) {
    // one type by the bytes themselves: the input alone decides what is tried
    List<String> types = List.copyOf(codec.requestTypes());
    int sum = 0;
    for (byte b : bytes) {
      sum += b & 0xff;
    }
    String type = types.get(sum % types.size());
    same(() -> codec.request(type, bytes), r -> codec.request(type, codec.write(r)));
    same(() -> codec.read(bytes, Fact.class), f -> codec.read(codec.write(f), Fact.class));
    same(
        () -> codec.read(bytes, PeerMessage.class),
        m -> codec.read(codec.write(m), PeerMessage.class));
    same(
        () -> codec.read(bytes, DeviceReset.class),
        w -> codec.read(codec.write(w), DeviceReset.class));
    same(
        () -> codec.read(bytes, DeviceReset.Done.class),
        d -> codec.read(codec.write(d), DeviceReset.Done.class));
    same(
        () -> codec.readAnswer(bytes, Answer.class),
        a -> codec.readAnswer(codec.write(a), Answer.class));
  }

  private interface Reading<T> {
    T read();
  }

  private interface Again<T> {
    T read(T first);
  }

  private static <T> void same(Reading<T> reading, Again<T> again) {
    T value;
    try {
      value = reading.read();
    } catch (WireFault refused) {
      return;
    }
    assertEquals(value, again.read(value), "written and read again");
  }
}

package io.fermata.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.handover.Fact;
import io.fermata.handover.Receipt;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Request;
import io.fermata.wire.WireFault.Code;
import java.util.Arrays;
import java.util.Collection;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CodecTest {
  private static final String HEADER =
      """
      {"migration":"m0001","epoch":{"number":3,"owner":"o"},"awaitMillis":1,"hopsSeen":0}\
      """;
  private static final String STOP =
      """
      {"incarnation":"a","number":1}\
      """;

  private final Codec codec = new Codec();

  @ParameterizedTest
  @MethodSource("io.fermata.wire.Samples#requests")
  void everyRequestComesBackAsItWas(Request request) {
    byte[] bytes = codec.write(request);
    assertEquals(request, codec.request(Codec.type(request), bytes), () -> text(bytes));
  }

  @ParameterizedTest
  @MethodSource("io.fermata.wire.Samples#facts")
  void everyFactComesBackAsItWas(Fact fact) {
    assertEquals(fact, codec.read(codec.write(fact), Fact.class));
  }

  @ParameterizedTest
  @MethodSource("io.fermata.wire.Samples#peerMessages")
  void everyPeerMessageComesBackAsItWas(PeerMessage message) {
    assertEquals(message, codec.read(codec.write(message), PeerMessage.class));
  }

  @Test
  void theSamplesLeaveNothingOut() {
    assertAll(Request.class, Samples.requests());
    assertAll(Fact.class, Samples.facts());
    assertAll(PeerMessage.class, Samples.peerMessages());
    assertAll(Receipt.class, Samples.answer().report().receipts());
  }

  @Test
  void anAnswerComesBackAsItWasWithAllItsReceipts() {
    byte[] bytes = codec.write(Samples.answer());
    assertEquals(Samples.answer(), codec.readAnswer(bytes, Answer.class), () -> text(bytes));
    var word =
        new PeerMessage.Word(Samples.MIGRATION, Samples.SEALED, PeerMessage.Standing.PENDING);
    assertEquals(word, codec.readAnswer(codec.write(word), PeerMessage.Word.class));
  }

  @Test
  void anOlderAgentDoesNotCountNewBeginnings() {
    String older = text(codec.write(Samples.answer())).replace(",\"restarts\":1", "");
    Answer answer = codec.readAnswer(older.getBytes(UTF_8), Answer.class);
    assertNull(answer.report().devices().getFirst().restarts());
  }

  @Test
  void namesAreShortAndIdsArePlainStrings() {
    assertTrue(codec.requestTypes().containsAll(Set.of("quiesce", "void-copy", "claim-source")));
    assertEquals(
        """
        {"type":"stopped","migration":"m0001","stop":{"incarnation":"abcdef","number":7}}\
        """,
        text(codec.write(Samples.facts().get(2))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"header":H,"stop":S,"colour":1}             | UNKNOWN_FIELD | colour
          {"header":H,"stop":{"incarnation":"a","number":1,"x":2}} | UNKNOWN_FIELD | stop.x
          {"header":H}                                 | MISSING_FIELD | stop
          {"header":H,"stop":null}                     | MISSING_FIELD | stop
          {"header":H,"stop":{"incarnation":"a"}}      | MISSING_FIELD | stop.number
          {"header":H,"stop":{"incarnation":"a","number":"1"}} | WRONG_VALUE | stop.number
          {"header":H,"stop":{"incarnation":"a","number":1.5}} | WRONG_VALUE | stop.number
          {"stop":{"number":99999999999999999999}}     | WRONG_VALUE | stop.number
          {"header":H,"stop":{"incarnation":5,"number":1}} | WRONG_VALUE | stop.incarnation
          {"header":H,"stop":[]}                       | WRONG_VALUE | stop
          {"header":H,"stop":S,"stop":S}               | NOT_JSON |
          {"header":H,"stop":S                         | NOT_JSON |
          {"header":H,"stop":S}{                       | WRONG_VALUE |
          []                                           | WRONG_VALUE |
          null                                         | WRONG_VALUE |
          hello                                        | NOT_JSON |
          """)
  void whatIsWrongIsNamedWithItsPlace(String body, Code code, String field) {
    byte[] bytes = body.replace("S", STOP).replace("H", HEADER).getBytes(UTF_8);
    WireFault fault = assertThrows(WireFault.class, () -> codec.request("freeze", bytes));
    assertEquals(code, fault.code(), fault::getMessage);
    if (field != null) {
      assertEquals(field, fault.field(), fault::getMessage);
    }
  }

  @Test
  void anIdThatBreaksItsRuleIsNamed() {
    String body = "{\"header\":" + HEADER.replace("m0001", "No Good") + "}";
    WireFault fault =
        assertThrows(WireFault.class, () -> codec.request("renew", body.getBytes(UTF_8)));
    assertEquals(Code.WRONG_VALUE, fault.code());
    assertEquals("header.migration", fault.field());
    assertTrue(fault.detail().contains("4 to 40 lower-case"), fault.detail());
  }

  @Test
  void aPlaceInAListIsNamed() {
    String body =
        text(codec.write(new Request.ClaimSource(Samples.HEADER, Samples.SPEC)))
            .replace("{\"source\":\"gpu0\"", "{\"source\":7");
    WireFault fault =
        assertThrows(WireFault.class, () -> codec.request("claim-source", body.getBytes(UTF_8)));
    assertEquals("spec.devices[0].source", fault.field());
  }

  @Test
  void aReceiptOfTheWrongKindIsRefused() {
    String body =
        text(codec.write(new Request.Seal(Samples.HEADER, Samples.READY)))
            .replace("\"type\":\"ready\"", "\"type\":\"sealed\"");
    WireFault fault =
        assertThrows(WireFault.class, () -> codec.request("seal", body.getBytes(UTF_8)));
    assertEquals("ready", fault.field());
  }

  @Test
  void whatIsTooLongOrTooDeepIsRefusedUnread() {
    byte[] large = new byte[2 << 20];
    Arrays.fill(large, (byte) ' ');
    assertEquals(Code.TOO_LARGE, fault("renew", large).code());
    byte[] deep = ("{\"mood\":" + "[".repeat(9_000) + "]".repeat(9_000) + "}").getBytes(UTF_8);
    var tooDeep = assertThrows(WireFault.class, () -> codec.readAnswer(deep, Answer.class));
    assertEquals(Code.TOO_LARGE, tooDeep.code());
    assertEquals(Code.UNKNOWN_TYPE, fault("conduct", new byte[0]).code());
    assertEquals(Code.UNKNOWN_TYPE, fault("", new byte[0]).code());
  }

  @Test
  void aNewerAgentMayTellMore() {
    String more = text(codec.write(Samples.answer())).replaceFirst("\\{", "{\"mood\":\"fine\",");
    assertEquals(Samples.answer(), codec.readAnswer(more.getBytes(UTF_8), Answer.class));
  }

  @Test
  void brokenBytesNeverGiveAnythingButAFaultOrAValue() {
    Random random = new Random(1);
    byte[] whole = codec.write(new Request.ClaimSource(Samples.HEADER, Samples.SPEC));
    for (int i = 0; i < 20_000; i++) {
      byte[] broken = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
      for (int k = random.nextInt(4); k >= 0 && broken.length > 0; k--) {
        broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
      }
      try {
        codec.request("claim-source", broken);
      } catch (WireFault expected) {
        assertTrue(expected.detail().length() > 1);
      }
    }
  }

  @Test
  void versionsAreOfferedAndChosen() {
    assertEquals(1, Protocol.BUILD.choose("1"));
    assertEquals(2, Protocol.BUILD.choose("3, 2, 1"));
    assertEquals(2, Protocol.BUILD.choose(Protocol.BUILD.offer()));
    for (String offer : new String[] {null, "", "3", "22", "one"}) {
      WireFault fault = assertThrows(WireFault.class, () -> Protocol.BUILD.choose(offer));
      assertEquals(Code.UNKNOWN_VERSION, fault.code());
    }
  }

  @Test
  void anAgentOfTheFirstVersionIsNotAskedForWhatFollowsTheQuiescing() {
    var request = new Request.Quiesce(Samples.HEADER, true);
    assertEquals(request, codec.request("quiesce", codec.write(request, 2)));
    assertEquals(
        new Request.Quiesce(Samples.HEADER), codec.request("quiesce", codec.write(request, 1)));
    assertFalse(new String(codec.write(request, 1), UTF_8).contains("onward"));
  }

  private WireFault fault(String type, byte[] body) {
    return assertThrows(WireFault.class, () -> codec.request(type, body));
  }

  private static void assertAll(Class<?> sealed, Collection<?> samples) {
    var there = samples.stream().map(Object::getClass).collect(Collectors.toSet());
    assertEquals(Stream.of(sealed.getPermittedSubclasses()).collect(Collectors.toSet()), there);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }
}

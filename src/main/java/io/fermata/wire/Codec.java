package io.fermata.wire;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.fermata.handover.Fact;
import io.fermata.handover.Receipt;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Request;
import io.fermata.wire.WireFault.Code;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.cfg.MutableCoercionConfig;
import tools.jackson.databind.exc.InvalidNullException;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.exc.ValueInstantiationException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.type.LogicalType;

/**
 * Messages and facts as JSON. What asks for something is read strictly: an unknown field, a missing
 * one, a string where a number belongs are faults. What informs is read leniently, so that a newer
 * agent may tell more than an older reader understands. Whatever is wrong with the bytes, the only
 * exception is a {@link WireFault}.
 */
public final class Codec {
  /** Limit of a request, a peer message, a fact, in bytes. */
  public static final int REQUEST_BYTES = 1 << 20;

  /** Limit of an answer, in bytes: the longest log of hops fits. */
  public static final int ANSWER_BYTES = 16 << 20;

  private static final int NESTING = 32;
  private static final int DIGITS = 40;

  private static final TypeNames REQUESTS = TypeNames.permittedBy(Request.class);

  // Of the process: a mapper finds out once how a type is read, and a rehearsal does so for all.
  private static final JsonMapper STRICT = strictMapper();
  private static final JsonMapper LENIENT =
      STRICT.rebuild().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final Protocol protocol;

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  private interface Named {}

  /** As this build writes and reads. */
  public Codec() {
    this(Protocol.BUILD);
  }

  /** The same under other versions: what a build before or after this one is to the others. */
  public Codec(Protocol protocol) {
    this.protocol = protocol;
  }

  /** The versions that are offered and taken. */
  public Protocol protocol() {
    return protocol;
  }

  private static JsonMapper strictMapper() {
    var limits =
        StreamReadConstraints.builder()
            .maxDocumentLength(ANSWER_BYTES)
            .maxNestingDepth(NESTING)
            .maxNumberLength(DIGITS)
            .build();
    var builder =
        JsonMapper.builder(JsonFactory.builder().streamReadConstraints(limits).build())
            .annotationIntrospector(new RecordShapes())
            .addModule(PlainValues.module())
            .changeDefaultPropertyInclusion(
                all -> all.withValueInclusion(JsonInclude.Include.NON_NULL))
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .enable(MapperFeature.INFER_RECORD_GETTERS_FROM_COMPONENTS_ONLY)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .withCoercionConfig(LogicalType.Textual, Codec::onlyText)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS);
    for (Class<?> sealed : new Class<?>[] {Receipt.class, Fact.class, PeerMessage.class}) {
      builder.addMixIn(sealed, Named.class);
      TypeNames.permittedBy(sealed)
          .table()
          .forEach((name, type) -> builder.registerSubtypes(new NamedType(type, name)));
    }
    return builder.build();
  }

  private static void onlyText(MutableCoercionConfig text) {
    for (CoercionInputShape shape : CoercionInputShape.values()) {
      text.setCoercion(shape, CoercionAction.Fail);
    }
  }

  /** The names under which requests can be sent, in order. */
  public Set<String> requestTypes() {
    return REQUESTS.table().keySet();
  }

  /** The name under which a request is sent. */
  public static String type(Request request) {
    return TypeNames.of(request.getClass());
  }

  /** Reads a request of the type with that name. */
  public Request request(String type, byte[] body) {
    Class<?> wanted = REQUESTS.table().get(type);
    if (wanted == null) {
      String detail = "no request is called '" + type + "'; there are " + requestTypes();
      throw new WireFault(Code.UNKNOWN_TYPE, detail, null);
    }
    return (Request) read(body, wanted);
  }

  /** Reads something that asks or that is believed: strictly. */
  public <T> T read(byte[] bytes, Class<T> type) {
    return read(bytes, type, STRICT, REQUEST_BYTES);
  }

  /** Reads something that informs: fields of a newer version are passed over. */
  public <T> T readAnswer(byte[] bytes, Class<T> type) {
    return read(bytes, type, LENIENT, ANSWER_BYTES);
  }

  /** Writes a message or a fact. */
  public byte[] write(Object value) {
    return STRICT.writeValueAsBytes(value);
  }

  /** Writes a request for an agent of that version: what it does not know is left out. */
  public byte[] write(Request request, int version) {
    boolean plain = version < Protocol.ONWARD && request instanceof Request.Quiesce;
    return write(plain ? new Request.Quiesce(request.header()) : request);
  }

  /** Writes it over several lines, for people. */
  public byte[] writePretty(Object value) {
    return STRICT.writerWithDefaultPrettyPrinter().writeValueAsBytes(value);
  }

  private static <T> T read(byte[] bytes, Class<T> type, JsonMapper mapper, int limit) {
    if (bytes.length > limit) {
      String detail = bytes.length + " bytes, at most " + limit;
      throw new WireFault(Code.TOO_LARGE, detail, null);
    }
    try {
      T value = mapper.readValue(bytes, type);
      if (value == null) {
        throw new WireFault(Code.WRONG_VALUE, "null where an object belongs", null);
      }
      return value;
    } catch (JacksonException e) {
      throw fault(e);
    }
  }

  private static WireFault fault(JacksonException e) {
    String field = e.getPath().isEmpty() ? null : field(e);
    Code code =
        switch (e) {
          case UnrecognizedPropertyException u -> Code.UNKNOWN_FIELD;
          case InvalidNullException u -> Code.MISSING_FIELD;
          case InvalidTypeIdException u -> Code.UNKNOWN_TYPE;
          case MismatchedInputException m -> Code.WRONG_VALUE;
          case ValueInstantiationException v -> Code.WRONG_VALUE;
          case StreamConstraintsException s -> Code.TOO_LARGE;
          case InputCoercionException c -> Code.WRONG_VALUE;
          case StreamReadException s -> Code.NOT_JSON;
          default -> Code.WRONG_VALUE;
        };
    return new WireFault(code, e.getOriginalMessage(), field, e);
  }

  private static String field(JacksonException e) {
    StringBuilder path = new StringBuilder();
    for (JacksonException.Reference step : e.getPath()) {
      if (step.getPropertyName() == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(step.getPropertyName());
      }
    }
    return path.toString();
  }
}

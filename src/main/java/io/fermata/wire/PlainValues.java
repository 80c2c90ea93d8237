package io.fermata.wire;

import io.fermata.device.DeviceName;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.ToStringSerializer;

/** Names and ids, which are plain strings in JSON and keep their own rules. */
final class PlainValues {
  private PlainValues() {}

  static SimpleModule module() {
    SimpleModule module = new SimpleModule("fermata");
    add(module, MigrationId.class, MigrationId::new);
    add(module, HostName.class, HostName::new);
    add(module, DeviceName.class, DeviceName::new);
    return module;
  }

  private static <T> void add(SimpleModule module, Class<T> type, Function<String, T> read) {
    module.addSerializer(type, ToStringSerializer.instance);
    module.addDeserializer(type, new FromText<>(type, read));
  }

  private static final class FromText<T> extends StdDeserializer<T> {
    private final Class<T> type;
    private final Function<String, T> read;

    FromText(Class<T> type, Function<String, T> read) {
      super(type);
      this.type = type;
      this.read = read;
    }

    @Override
    public @Nullable T deserialize(JsonParser parser, DeserializationContext context) {
      if (!parser.hasToken(JsonToken.VALUE_STRING)) {
        return type.cast(context.handleUnexpectedToken(type, parser));
      }
      String text = parser.getString();
      try {
        return read.apply(text);
      } catch (IllegalArgumentException e) {
        return type.cast(context.handleWeirdStringValue(type, text, "%s", e.getMessage()));
      }
    }
  }
}

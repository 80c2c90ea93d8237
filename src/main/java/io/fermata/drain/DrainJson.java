package io.fermata.drain;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.fermata.device.DeviceName;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** How drains are written in the journal. Additive only: an old one must read. */
final class DrainJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addMixIn(MigrationId.class, Word.class)
          .addMixIn(HostName.class, Word.class)
          .addMixIn(DeviceName.class, Word.class)
          .addMixIn(DrainId.class, Word.class)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** A name is written as the plain word. */
  private abstract static class Word {
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    @SuppressWarnings("UnusedVariable") // Jackson reads the signature and never calls it
    Word(String value) {}

    @JsonValue
    abstract String value();
  }

  private DrainJson() {}

  static String write(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  static Drain drain(String json) {
    return MAPPER.readValue(json, Drain.class);
  }
}

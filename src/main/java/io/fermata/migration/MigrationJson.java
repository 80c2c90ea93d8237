package io.fermata.migration;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import io.fermata.device.DeviceName;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Receipt;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * How migrations and notes are written in the journal. Additive only: an old row must read,
 * whatever came since.
 */
final class MigrationJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addMixIn(MigrationId.class, Word.class)
          .addMixIn(HostName.class, Word.class)
          .addMixIn(DeviceName.class, Word.class)
          .addMixIn(Receipt.class, ReceiptByKind.class)
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

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Receipt.Ready.class, name = "ready"),
    @JsonSubTypes.Type(value = Receipt.Sealed.class, name = "sealed"),
    @JsonSubTypes.Type(value = Receipt.Started.class, name = "started"),
    @JsonSubTypes.Type(value = Receipt.Voided.class, name = "voided"),
    @JsonSubTypes.Type(value = Receipt.Reclaimed.class, name = "reclaimed"),
    @JsonSubTypes.Type(value = Receipt.Adopted.class, name = "adopted")
  })
  private interface ReceiptByKind {}

  private MigrationJson() {}

  static String write(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  static Migration migration(String json) {
    return MAPPER.readValue(json, Migration.class);
  }

  static <T> T read(String json, Class<T> kind) {
    return MAPPER.readValue(json, kind);
  }

  static Timeline timeline(String json) {
    return MAPPER.readValue(json, Timeline.class);
  }

  static Note note(String type, String json) {
    for (Class<?> kind : Note.class.getPermittedSubclasses()) {
      if (type(kind).equals(type)) {
        return (Note) MAPPER.readValue(json, kind);
      }
    }
    throw new IllegalArgumentException("no note is called " + type);
  }

  /** Every type of entry that this room writes. */
  static List<String> types() {
    var notes = Stream.of(Note.class.getPermittedSubclasses()).map(MigrationJson::type);
    var others =
        Stream.of(
            Writer.BIRTH,
            Timeline.TYPE,
            Doorkeeper.LIMITS_CHANGED,
            Doorkeeper.INTAKE_CHANGED,
            Imports.ACCEPTED);
    return Stream.of(others, JournaledHosts.types(), notes).flatMap(Function.identity()).toList();
  }

  /** The type of a note's journal entry, such as {@code migration.gate-opened}. */
  static String type(Class<?> note) {
    return TYPES.get(note);
  }

  /** Worked out once per kind: every write to the journal asks. */
  private static final ClassValue<String> TYPES =
      new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> note) {
          String words = note.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "-");
          return "migration." + words.toLowerCase(Locale.ROOT);
        }
      };
}

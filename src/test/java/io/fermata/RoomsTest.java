package io.fermata;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may use whom, as the map in the package-info of {@code io.fermata} draws it. */
class RoomsTest {
  private static final String HOUSE = "io.fermata";

  /** The messages of {@code handover} and the values they are made of, but not its machines. */
  private static final String HANDOVER_VALUES = "handover values";

  /** Each room and the rooms it may use; the empty name is {@code io.fermata} itself. */
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          Map.entry("", Set.of()),
          Map.entry("device", Set.of()),
          Map.entry("handover", Set.of("device")),
          Map.entry("metrics", Set.of()),
          Map.entry("migration", Set.of("device", "handover", "journal", "fleet", "metrics")),
          Map.entry("journal", Set.of("metrics")),
          Map.entry("audit", Set.of("journal", "metrics")),
          Map.entry("webhook", Set.of("journal", "metrics")),
          Map.entry(
              "drain",
              Set.of("device", HANDOVER_VALUES, "migration", "fleet", "journal", "metrics")),
          Map.entry("fleet", Set.of("device", HANDOVER_VALUES, "wire", "metrics")),
          Map.entry("wire", Set.of("device", HANDOVER_VALUES)),
          Map.entry("agent", Set.of("device", "handover", "wire", "metrics")),
          Map.entry(
              "api",
              Set.of(
                  "device",
                  HANDOVER_VALUES,
                  "migration",
                  "drain",
                  "fleet",
                  "metrics",
                  "audit",
                  "webhook")));

  /** Rooms whose code must read the same on every machine: the JDK, JSpecify, and nothing else. */
  private static final Set<String> PURE = Set.of("device", "handover");

  /** Rooms that decide. What they must not ask for themselves is passed in to them. */
  private static final Set<String> DECIDING = Set.of("device", "handover", "migration", "drain");

  private static final List<String> MUST_BE_PASSED_IN =
      List.of(
          "java.time.Instant.now(",
          "java.time.LocalDateTime.now(",
          "java.time.ZonedDateTime.now(",
          "java.time.OffsetDateTime.now(",
          "java.lang.System.nanoTime(",
          "java.lang.System.currentTimeMillis(",
          "java.lang.Thread.sleep(",
          "java.util.concurrent.TimeUnit.sleep(",
          "java.util.UUID.randomUUID(",
          "java.util.Random.<init>()",
          "java.security.SecureRandom.<init>(",
          "java.util.concurrent.ThreadLocalRandom.current(",
          "java.lang.Math.random(");

  private static final Set<String> NO_NAME_FOR_A_PACKAGE =
      Set.of("util", "utils", "common", "core", "helper", "constants", "service", "impl", "dto");

  private static final List<String> NO_ENDING_FOR_A_TYPE =
      List.of("Manager", "Helper", "Processor", "Impl", "Base", "Dto", "Util", "Utils");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(HOUSE);

  @Test
  void everyRoomUsesOnlyTheRoomsThatItMay() {
    assertNone(
        dependencies()
            .filter(use -> inHouse(target(use)))
            .filter(use -> !mayUse(use.getOriginClass(), target(use))));
  }

  @Test
  void theVocabularyAndTheSafetyCoreKnowOnlyTheJdk() {
    assertNone(
        dependencies()
            .filter(use -> PURE.contains(room(use.getOriginClass())))
            .filter(use -> !inHouse(target(use)) && !target(use).isPrimitive())
            .filter(use -> !target(use).getName().matches("(java|org\\.jspecify)\\..*")));
  }

  @Test
  void roomsThatDecideAreGivenTimeAndChance() {
    var offenders =
        CLASSES.stream()
            .filter(type -> DECIDING.contains(room(type)))
            .flatMap(type -> type.getAccessesFromSelf().stream())
            .filter(access ->
                MUST_BE_PASSED_IN.stream().anyMatch(access.getTarget().getFullName()::startsWith))
            .map(access -> access.getDescription());
    assertNoneOf(offenders);
  }

  @Test
  void packagesAndTypesAreNamedForWhatTheyAre() {
    var packages =
        CLASSES.stream()
            .map(JavaClass::getPackageName)
            .filter(name -> Stream.of(name.split("\\.")).anyMatch(NO_NAME_FOR_A_PACKAGE::contains))
            .map(name -> "package " + name);
    var types =
        CLASSES.stream()
            .filter(type -> NO_ENDING_FOR_A_TYPE.stream().anyMatch(type.getSimpleName()::endsWith))
            .map(type -> "type " + type.getName());
    assertNoneOf(Stream.concat(packages, types));
  }

  @Test
  void everyPackageSaysWhatItIsForAndIsNullMarked() throws IOException {
    try (var paths = Files.walk(Path.of("src/main/java"))) {
      var offenders =
          paths
              .filter(path -> path.toString().endsWith(".java"))
              .map(path -> path.resolveSibling("package-info.java"))
              .distinct()
              .filter(info -> !saysWhatItIsFor(info))
              .map(info -> info + ": missing, or without Javadoc or @NullMarked");
      assertNoneOf(offenders);
    }
  }

  /** The table above is what the other tests believe, so its corners are pinned here. */
  @Test
  void theTableForbidsWhatTheDesignForbids() {
    assertTrue(CLASSES.stream().anyMatch(type -> type.getName().equals(HOUSE + ".Fermata")));
    assertFalse(MAY_USE.get("migration").contains("agent"));
    assertFalse(MAY_USE.get("agent").contains("migration"));
    assertTrue(MAY_USE.get("device").isEmpty());
    assertTrue(MAY_USE.values().stream().noneMatch(rooms -> rooms.contains("api")));
  }

  private static Stream<Dependency> dependencies() {
    return CLASSES.stream().flatMap(type -> type.getDirectDependenciesFromSelf().stream());
  }

  private static JavaClass target(Dependency use) {
    return use.getTargetClass().getBaseComponentType();
  }

  private static boolean inHouse(JavaClass type) {
    return (type.getPackageName() + ".").startsWith(HOUSE + ".");
  }

  /** The first step below the house: {@code agent} for {@code io.fermata.agent.device}. */
  private static String room(JavaClass type) {
    String inside = type.getPackageName().substring(HOUSE.length());
    return inside.isEmpty() ? "" : inside.substring(1).split("\\.")[0];
  }

  private static boolean mayUse(JavaClass user, JavaClass used) {
    Set<String> allowed = MAY_USE.getOrDefault(room(user), Set.of());
    return room(user).equals(room(used))
        || allowed.contains(room(used))
        || (allowed.contains(HANDOVER_VALUES) && isHandoverValue(used));
  }

  private static boolean isHandoverValue(JavaClass type) {
    boolean message = type.getPackageName().startsWith(HOUSE + ".handover.message");
    boolean value = type.isRecord() || type.isEnum() || type.isInterface();
    return message || (room(type).equals("handover") && value);
  }

  private static boolean saysWhatItIsFor(Path info) {
    try {
      String text = Files.exists(info) ? Files.readString(info) : "";
      return text.contains("/**") && text.contains("@NullMarked");
    } catch (IOException e) {
      return fail("cannot read " + info, e);
    }
  }

  private static void assertNone(Stream<Dependency> offences) {
    assertNoneOf(offences.map(Dependency::getDescription));
  }

  private static void assertNoneOf(Stream<String> offenders) {
    var sorted = offenders.collect(toCollection(TreeSet::new));
    if (!sorted.isEmpty()) {
      fail(sorted.stream().collect(joining("\n  ", "\n  ", "\n")));
    }
  }
}

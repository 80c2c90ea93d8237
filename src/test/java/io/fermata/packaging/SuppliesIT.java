package io.fermata.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The jar says what it is made of: every library in it is in its bill of materials, and licensed.
 */
class SuppliesIT {
  private static final String JAR = System.getProperty("fermata.jar");
  private static final String LIBRARIES = "BOOT-INF/lib/";

  @Test
  void everyLibraryIsInTheBillAndTheBillHasNoOther() throws IOException {
    JsonNode bill = JsonMapper.shared().readTree(text("META-INF/sbom/application.cdx.json"));
    assertEquals("CycloneDX", bill.path("bomFormat").asString());
    Set<String> billed = new TreeSet<>();
    for (JsonNode component : bill.path("components")) {
      assertTrue(component.path("licenses").size() > 0, component.path("purl").asString());
      assertTrue(component.path("hashes").size() > 0, component.path("purl").asString());
      billed.add(component.path("name").asString() + "-" + component.path("version").asString());
    }
    Set<String> shipped = new TreeSet<>();
    for (String jar : libraries()) {
      String name = jar.substring(LIBRARIES.length(), jar.length() - ".jar".length());
      shipped.add(name.replaceFirst("-linux-(x86_64|aarch_64)$", ""));
    }
    assertTrue(shipped.size() > 50, "only " + shipped);
    Set<String> unbilled = new HashSet<>(shipped);
    unbilled.removeAll(billed);
    // Boot adds it when it packs the jar, after the bill was written; nothing of it runs in a role.
    unbilled.removeIf(name -> name.startsWith("spring-boot-jarmode-tools"));
    assertEquals(Set.of(), unbilled);
    // Starters are a list of other libraries and no library: Boot leaves their jars out.
    billed.removeIf(name -> name.startsWith("spring-boot-starter") || shipped.contains(name));
    assertEquals(Set.of(), billed);
  }

  @Test
  void theLicencesOfAllAreInTheJar() throws IOException {
    String report = text("META-INF/licences.txt");
    for (String part : List.of("(EPL-2.0)", "ch.qos.logback:logback-classic", "(Apache-2.0)")) {
      assertTrue(report.contains(part), report);
    }
    assertTrue(
        report.lines().filter(line -> line.startsWith("     (")).count() >= libraries().size() - 1,
        report);
  }

  private static Set<String> libraries() throws IOException {
    try (var jar = new ZipFile(JAR)) {
      return jar.stream()
          .map(entry -> entry.getName())
          .filter(name -> name.startsWith(LIBRARIES) && name.endsWith(".jar"))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static String text(String entry) throws IOException {
    try (var jar = new ZipFile(JAR);
        var in = jar.getInputStream(jar.getEntry(entry))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}

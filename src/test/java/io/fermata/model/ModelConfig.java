package io.fermata.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The lines of a TLC configuration; each change gives another configuration. */
record ModelConfig(List<String> lines) {
  ModelConfig {
    lines = List.copyOf(lines);
  }

  static ModelConfig read(Path file) {
    try {
      return new ModelConfig(Files.readAllLines(file));
    } catch (IOException e) {
      throw new UncheckedIOException("reading the configuration " + file, e);
    }
  }

  /** The same with another value for a constant that it already has. */
  ModelConfig with(String constant, String value) {
    String start = "  " + constant + " = ";
    List<String> changed =
        lines.stream().map(line -> line.startsWith(start) ? start + value : line).toList();
    if (lines.stream().noneMatch(line -> line.startsWith(start))) {
      throw new IllegalArgumentException("the configuration has no constant " + constant);
    }
    return new ModelConfig(changed);
  }

  /** Switches these rules off. */
  ModelConfig off(String... rules) {
    ModelConfig config = this;
    for (String rule : rules) {
      config = config.with(rule, "FALSE");
    }
    return config;
  }

  /** Checks this specification instead. */
  ModelConfig of(String specification) {
    return without("SPECIFICATION").plus("SPECIFICATION " + specification);
  }

  /** Checks this invariant and nothing else. */
  ModelConfig onlyInvariant(String invariant) {
    return without("INVARIANT").without("PROPERTY").plus("INVARIANT " + invariant);
  }

  /** Checks this temporal property and nothing else: TLC does not name the one that failed. */
  ModelConfig onlyProperty(String property) {
    return without("INVARIANT").without("PROPERTY").plus("PROPERTY " + property);
  }

  /** Whether temporal properties are checked, which takes much longer. */
  boolean isTemporal() {
    return lines.stream().anyMatch(line -> line.startsWith("PROPERTY"));
  }

  private ModelConfig without(String statement) {
    return new ModelConfig(lines.stream().filter(line -> !line.startsWith(statement)).toList());
  }

  private ModelConfig plus(String line) {
    List<String> longer = new ArrayList<>(lines);
    longer.add(line);
    return new ModelConfig(longer);
  }
}

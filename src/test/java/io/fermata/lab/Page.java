package io.fermata.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What there is to be run on a page, in its order: fenced blocks of {@code sh} that say where. A
 * page that holds commands in any other form is refused, so nothing on it can be left out unseen.
 */
record Page(List<Block> blocks) {
  private static final String FENCE = "```";
  private static final Set<String> NOT_RUN = Set.of("yaml", "text");

  /** Where a block is typed. */
  enum Where {
    HOST,
    SOURCE,
    DESTINATION,
    ORCHESTRATOR
  }

  /**
   * One block.
   *
   * @param line of the page, from 1, where its fence is
   */
  record Block(Where where, int line, String commands) {
    @Override
    public String toString() {
      return "line " + line + " (" + where + ")";
    }
  }

  static Page of(Path file) {
    try {
      return new Page(blocks(Files.readAllLines(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<Block> blocks(List<String> lines) {
    List<Block> blocks = new ArrayList<>();
    String language = null;
    int begin = 0;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (language == null && line.startsWith(FENCE)) {
        language = line.substring(FENCE.length());
        begin = i;
      } else if (language != null && line.equals(FENCE)) {
        if (!NOT_RUN.contains(language)) {
          String commands = String.join("\n", lines.subList(begin + 1, i)) + "\n";
          blocks.add(new Block(where(language, begin + 1), begin + 1, commands));
        }
        language = null;
      } else if (language == null && line.startsWith("    ") && !line.isBlank()) {
        throw new AssertionError("line " + (i + 1) + ": indented, so nobody runs it: " + line);
      }
    }
    if (language != null) {
      throw new AssertionError("line " + (begin + 1) + ": a block without an end");
    }
    return List.copyOf(blocks);
  }

  private static Where where(String language, int line) {
    for (Where where : Where.values()) {
      if (language.equals("sh " + where.name().toLowerCase(Locale.ROOT))) {
        return where;
      }
    }
    throw new AssertionError("line " + line + ": it is not said where to run ```" + language);
  }
}

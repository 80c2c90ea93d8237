package io.fermata.incident;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What there is to be run in a runbook, in its order. */
record Runbook(String alert, List<Block> blocks) {
  static final Path FOLDER = Path.of("src/docs/runbooks");
  static final String DIAGNOSIS = "Diagnosis";
  static final String MITIGATION = "Mitigation";
  static final String PROOF = "Prove it is over";

  private static final Pattern PART = Pattern.compile("(?ms)^## (.*?)$|^```sh\n(.*?)^```$");

  /**
   * One block.
   *
   * @param number in its section, from 1
   */
  record Block(String section, int number, String commands) {}

  static Runbook of(String alert) {
    try {
      return new Runbook(alert, blocks(Files.readString(FOLDER.resolve(alert + ".md"))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Block> blocks(String markdown) {
    List<Block> blocks = new ArrayList<>();
    String section = "";
    int number = 0;
    Matcher part = PART.matcher(markdown);
    while (part.find()) {
      if (part.group(1) != null) {
        section = part.group(1);
        number = 0;
      } else {
        number++;
        blocks.add(new Block(section, number, part.group(2)));
      }
    }
    return List.copyOf(blocks);
  }
}

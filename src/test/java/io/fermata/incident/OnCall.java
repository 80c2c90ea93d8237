package io.fermata.incident;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.fermata.incident.Runbook.Block;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The person who was woken: has the alert's runbook and knows where things are, types what it says,
 * and does by hand what no command can do.
 */
final class OnCall {
  private final Runbook runbook;
  private final Map<String, String> variables = new TreeMap<>();
  private final Map<String, Consumer<Session>> byHand = new HashMap<>();
  private final List<String> mayFail = new ArrayList<>();
  private final List<String> sees = new ArrayList<>();
  private final StringBuilder transcript = new StringBuilder();

  private OnCall(Runbook runbook) {
    this.runbook = runbook;
  }

  static OnCall wokenBy(String alert) {
    return new OnCall(Runbook.of(alert));
  }

  OnCall knows(String name, String value) {
    variables.put(name, value);
    return this;
  }

  OnCall knows(Map<String, String> more) {
    variables.putAll(more);
    return this;
  }

  /** What the diagnosis has to show: the incident. */
  OnCall sees(String regex) {
    sees.add(regex);
    return this;
  }

  /** A command that is to fail in this incident, by a part of it. */
  OnCall mayFail(String part) {
    mayFail.add(part);
    return this;
  }

  /** What a person does before he types that block. */
  OnCall byHandBefore(String section, int number, Runnable deed) {
    byHand.put(section + number, shell -> deed.run());
    return this;
  }

  /** Where a block is the other way out: what that one is tried on. */
  OnCall triesOn(String section, int number, String migration) {
    byHand.put(section + number, shell -> shell.set("M", migration));
    return this;
  }

  /**
   * Types every block.
   *
   * @param over what the last one has to print
   */
  void follows(String over) {
    List<Block> blocks = runbook.blocks();
    assertEquals(Runbook.PROOF, blocks.getLast().section(), runbook.alert());
    Path folder = folder();
    var diagnosis = new StringBuilder();
    String last = "";
    try (var session = new Session(folder, variables)) {
      for (Block block : blocks) {
        Consumer<Session> deed = byHand.remove(block.section() + block.number());
        if (deed != null) {
          transcript.append("# (by hand)\n");
          deed.accept(session);
        }
        last = type(session, block);
        if (block.section().equals(Runbook.DIAGNOSIS)) {
          diagnosis.append(last);
        }
      }
    } finally {
      keep(folder);
    }
    assertTrue(byHand.isEmpty(), () -> "no such block: " + byHand.keySet());
    sees.forEach(regex -> find(regex, "diagnosis", diagnosis.toString()));
    find(over, "proof", last);
  }

  private String type(Session session, Block block) {
    Session.Shown shown = session.run(block.commands());
    String where = block.section() + ", block " + block.number();
    transcript.append("# ").append(where).append('\n').append(block.commands());
    transcript.append('\n').append(shown.text()).append('\n');
    List<String> bad =
        shown.failed().stream()
            .filter(command -> mayFail.stream().noneMatch(command::contains))
            .toList();
    if (!bad.isEmpty()) {
      fail(runbook.alert() + ", " + where + " failed: " + bad + "\n" + transcript);
    }
    return shown.text();
  }

  private void find(String regex, String where, String text) {
    assertTrue(
        Pattern.compile(regex, Pattern.MULTILINE).matcher(text).find(),
        () -> runbook.alert() + ": no /" + regex + "/ in the " + where + "\n" + transcript);
  }

  private Path folder() {
    try {
      Path folder = Path.of("target/incidents").resolve(runbook.alert()).toAbsolutePath();
      if (Files.exists(folder)) {
        try (var old = Files.list(folder)) {
          for (Path each : old.toList()) {
            Files.delete(each);
          }
        }
      }
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void keep(Path folder) {
    try {
      Files.writeString(folder.resolve("transcript.txt"), transcript);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

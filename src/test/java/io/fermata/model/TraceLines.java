package io.fermata.model;

import static java.util.Map.entry;
import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Turns the lines that a recorded run prints for each action into the module trace_data. A line is
 *
 * <pre>model &lt;run&gt; &lt;action&gt; &lt;key&gt;=&lt;value&gt; ...</pre>
 *
 * with exactly the keys of the action, in this order. {@code src/model/README.md} says what each
 * one stands for and when it is printed.
 */
final class TraceLines {
  private static final Map<String, List<String>> KEYS =
      Map.ofEntries(
          entry("O_TakeOver", List.of()),
          entry("S_Quiesce", List.of("e", "g")),
          entry("S_DeviceStep", List.of("d", "to")),
          entry("S_LateStep", List.of("d", "to")),
          entry("S_LeaseExpires", List.of("late")),
          entry("S_Abort", List.of("e", "late")),
          entry("S_Seal", List.of("e", "g", "t")),
          entry("S_Unseal", List.of("e", "g", "t")),
          entry("S_Release", List.of("g", "t")),
          entry("S_Crash", List.of("late")),
          entry("T_Stage", List.of("t", "g")),
          entry("T_Start", List.of("e", "g", "t")),
          entry("T_AckStart", List.of("t")),
          entry("T_Revert", List.of("t")),
          entry("T_Void", List.of("e", "g", "t")),
          entry("T_VoidAtWill", List.of("g", "t")),
          entry("T_GiveUp", List.of("t")),
          entry("T_DeviceStep", List.of("t", "d", "to")),
          entry("T_Crash", List.of("t", "kept")),
          entry("H_Lost", List.of("h")));

  /** Values that the model compares as numbers or truth values; all others are names. */
  private static final Pattern BARE = Pattern.compile("\\d+|TRUE|FALSE");

  private static final Pattern NAME = Pattern.compile("[\\w.:/+-]+");

  private TraceLines() {}

  /** The module; runs are numbered from 1 in the order of their names. */
  static String module(List<String> lines) {
    SortedMap<String, List<String>> runs = new TreeMap<>();
    for (String line : lines) {
      List<String> words = List.of(line.strip().split("\\s+", -1));
      if (words.size() < 3 || !words.getFirst().equals("model")) {
        throw new IllegalArgumentException("no line of a run: " + line);
      }
      String action = action(words.get(2), words.subList(3, words.size()));
      runs.computeIfAbsent(words.get(1), run -> new ArrayList<>()).add(action);
    }
    String traces =
        runs.values().stream()
            .map(actions -> actions.stream().collect(joining(",\n    ", "  <<\n    ", " >>")))
            .collect(joining(",\n"));
    return "---- MODULE trace_data ----\nTraces == <<\n" + traces + " >>\n====\n";
  }

  private static String action(String name, List<String> parameters) {
    List<String> keys = KEYS.get(name);
    if (keys == null) {
      throw new IllegalArgumentException("the model has no action " + name);
    }
    List<String> values = new ArrayList<>();
    values.add('"' + name + '"');
    for (String parameter : parameters) {
      values.add(value(name, keys, values.size() - 1, parameter));
    }
    if (values.size() != keys.size() + 1) {
      throw new IllegalArgumentException(name + " takes " + keys + ", not " + parameters);
    }
    return values.stream().collect(joining(", ", "<<", ">>"));
  }

  private static String value(String action, List<String> keys, int index, String parameter) {
    String start = index < keys.size() ? keys.get(index) + "=" : "no more=";
    String value = parameter.startsWith(start) ? parameter.substring(start.length()) : "";
    if (!NAME.matcher(value).matches()) {
      throw new IllegalArgumentException(action + " takes " + keys + ", not " + parameter);
    }
    return keys.get(index).equals("late") ? set(value) : literal(value);
  }

  /** Names with a plus between them, or a dash for none. */
  private static String set(String value) {
    Stream<String> names = value.equals("-") ? Stream.of() : Stream.of(value.split("\\+", -1));
    return names.map(TraceLines::literal).collect(joining(", ", "{", "}"));
  }

  private static String literal(String value) {
    return BARE.matcher(value).matches() ? value : '"' + value + '"';
  }
}

package io.fermata.api.text;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Lines for a terminal: at most 100 columns each, no control characters. */
public final class Sheet {
  /** As wide as a line may be. */
  public static final int COLUMNS = 100;

  private static final String GAP = "  ";

  private final List<String> lines = new ArrayList<>();

  /** Adds a line; what is too long is cut. */
  public Sheet line(String text) {
    lines.add(cut(text.stripTrailing(), COLUMNS));
    return this;
  }

  /** Adds a text that may be longer than a line, broken between words. */
  public Sheet words(String indent, String text) {
    String rest = text;
    int room = COLUMNS - indent.length();
    while (rest.length() > room) {
      int space = rest.lastIndexOf(' ', room);
      int end = space > room / 2 ? space : room;
      line(indent + rest.substring(0, end));
      rest = rest.substring(end).stripLeading();
    }
    return line(indent + rest);
  }

  /**
   * Adds rows in columns that are as wide as their widest cell and no wider than allowed; the first
   * row is the head.
   */
  public Sheet table(int[] widest, List<List<String>> rows) {
    int[] widths = new int[widest.length];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.clamp(width(row.get(i)), widths[i], widest[i]);
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        line.append(i == 0 ? "" : GAP).append(pad(row.get(i), widths[i]));
      }
      line(line.toString());
    }
    return this;
  }

  /** Ends with the command to run next. */
  public String next(String command) {
    lines.add("next: " + clean(command));
    return String.join("\n", lines) + "\n";
  }

  /** The text, cut or filled up to that many columns. */
  public static String pad(String text, int columns) {
    String cut = cut(text, columns);
    return cut + " ".repeat(columns - width(cut));
  }

  /** The text in at most that many columns; an ellipsis shows that something is missing. */
  public static String cut(String text, int columns) {
    String clean = clean(text);
    if (width(clean) <= columns) {
      return clean;
    }
    return clean.substring(0, clean.offsetByCodePoints(0, columns - 1)) + "…";
  }

  /** A bar of that many cells, or question marks while nothing is known. */
  public static String bar(@org.jspecify.annotations.Nullable Integer percent, int cells) {
    if (percent == null) {
      return String.join("", Collections.nCopies(cells, "░")) + "    ?";
    }
    int full = percent * cells / 100;
    return "█".repeat(full) + "░".repeat(cells - full) + " " + pad(percent + "%", 4);
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }

  private static String clean(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}

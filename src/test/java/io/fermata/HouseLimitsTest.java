package io.fermata;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.BlockTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * The hard limits of a page: 100 columns, 500 lines in a file, 60 lines in a method. They hold for
 * tests too.
 */
class HouseLimitsTest {
  private static final int COLUMNS = 100;
  private static final int FILE_LINES = 500;
  private static final int METHOD_LINES = 60;

  @Test
  void everySourceKeepsTheLimits() throws IOException {
    var offenders = new ArrayList<String>();
    int sources = 0;
    for (var root : List.of(Path.of("src/main"), Path.of("src/test"))) {
      try (var paths = Files.walk(root)) {
        for (var path : paths.filter(p -> p.toString().endsWith(".java")).sorted().toList()) {
          offenders.addAll(offences(path.toString(), Files.readString(path)));
          sources++;
        }
      }
    }
    assertFalse(sources == 0, "no sources found: is this the project's folder?");
    assertTrue(
        offenders.isEmpty(), () -> offenders.stream().collect(joining("\n  ", "\n  ", "\n")));
  }

  @Test
  void aLineOf101ColumnsIsReportedAndAnImportIsNot() throws IOException {
    String wide = "// " + "x".repeat(COLUMNS - 2);
    assertEquals(
        List.of("A.java:2: 101 columns, at most 100"),
        offences("A.java", "class A {\n" + wide + "\n}\n"));
    assertEquals(
        List.of(), offences("A.java", "import a." + "b".repeat(COLUMNS) + ";\nclass A {}\n"));
  }

  @Test
  void aFileOf501LinesIsReported() throws IOException {
    String body = "\n".repeat(FILE_LINES - 1);
    assertEquals(List.of(), offences("A.java", "class A {" + body + "}\n"));
    assertEquals(
        List.of("A.java:501: 501 lines in the file, at most 500"),
        offences("A.java", "class A {\n" + body + "}\n"));
  }

  @Test
  void aMethodOf61LinesIsReportedWhereItStarts() throws IOException {
    String body = "\n".repeat(METHOD_LINES - 1);
    assertEquals(
        List.of(), offences("A.java", "class A {\n/** Why. */\nvoid m() {" + body + "}}\n"));
    assertEquals(
        List.of("A.java:3: 61 lines in m, at most 60"),
        offences("A.java", "class A {\n/** Why. */\nvoid m() {\n" + body + "}}\n"));
    assertEquals(
        List.of("A.java:2: 61 lines in an initializer, at most 60"),
        offences("A.java", "class A {\nstatic {\n" + body + "}}\n"));
  }

  private static List<String> offences(String file, String text) throws IOException {
    var offences = new ArrayList<String>();
    var lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      int columns = lines.get(i).codePointCount(0, lines.get(i).length());
      if (columns > COLUMNS && !lines.get(i).startsWith("import ")) {
        offences.add("%s:%d: %d columns, at most %d".formatted(file, i + 1, columns, COLUMNS));
      }
    }
    if (lines.size() > FILE_LINES) {
      offences.add(
          "%s:%d: %2$d lines in the file, at most %d".formatted(file, lines.size(), FILE_LINES));
    }
    offences.addAll(longMethods(file, text));
    return offences;
  }

  private static List<String> longMethods(String file, String text) throws IOException {
    var task =
        (JavacTask)
            ToolProvider.getSystemJavaCompiler()
                .getTask(
                    null, null, null, List.of("-proc:none"), null, List.of(source(file, text)));
    var offences = new ArrayList<String>();
    for (CompilationUnitTree unit : task.parse()) {
      var positions = Trees.instance(task).getSourcePositions();
      new LongMethods(
              unit, positions, (line, what) -> offences.add(file + ":" + line + ": " + what))
          .scan(unit, null);
    }
    return offences;
  }

  private static JavaFileObject source(String file, String text) {
    var uri = URI.create("string:///" + file);
    return new SimpleJavaFileObject(uri, JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return text;
      }
    };
  }

  private interface Report {
    void at(long line, String what);
  }

  /** Measures every method, constructor and initializer, nested ones too. */
  private static final class LongMethods extends TreeScanner<Void, Void> {
    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final Report report;

    LongMethods(CompilationUnitTree unit, SourcePositions positions, Report report) {
      this.unit = unit;
      this.positions = positions;
      this.report = report;
    }

    @Override
    public Void visitMethod(MethodTree method, Void unused) {
      measure(method, method.getName().toString());
      return super.visitMethod(method, null);
    }

    @Override
    public Void visitClass(ClassTree type, Void unused) {
      type.getMembers().stream()
          .filter(BlockTree.class::isInstance)
          .forEach(member -> measure(member, "an initializer"));
      return super.visitClass(type, null);
    }

    private void measure(Tree tree, String name) {
      var map = unit.getLineMap();
      long first = map.getLineNumber(positions.getStartPosition(unit, tree));
      long end = positions.getEndPosition(unit, tree);
      long lines = map.getLineNumber(end - 1) - first + 1;
      if (end > 0 && lines > METHOD_LINES) {
        report.at(first, "%d lines in %s, at most %d".formatted(lines, name, METHOD_LINES));
      }
    }
  }
}

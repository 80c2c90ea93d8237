package io.fermata.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The kernel's path tables, cell by cell, for each legal set of migration flags. */
class ArcsTest {
  private static final Map<String, DeviceState> SHORT =
      Map.of(
          "RUN", DeviceState.RUNNING,
          "P2P", DeviceState.RUNNING_P2P,
          "STOP", DeviceState.STOP,
          "SC", DeviceState.STOP_COPY,
          "RES", DeviceState.RESUMING,
          "PC", DeviceState.PRE_COPY,
          "PCP", DeviceState.PRE_COPY_P2P);

  private static final String FLAGS_1 =
      """
      from RUN STOP SC RES
      RUN . STOP STOP,SC STOP,RES
      STOP RUN . SC RES
      SC STOP,RUN STOP . STOP,RES
      RES STOP,RUN STOP STOP,SC .
      """;

  private static final String FLAGS_3 =
      """
      from RUN P2P STOP SC RES
      RUN . P2P P2P,STOP P2P,STOP,SC P2P,STOP,RES
      P2P RUN . STOP STOP,SC STOP,RES
      STOP P2P,RUN P2P . SC RES
      SC STOP,P2P,RUN STOP,P2P STOP . STOP,RES
      RES STOP,P2P,RUN STOP,P2P STOP STOP,SC .
      """;

  private static final String FLAGS_5 =
      """
      from RUN STOP SC RES PC
      RUN . STOP STOP,SC STOP,RES PC
      STOP RUN . SC RES RUN,PC
      SC STOP,RUN STOP . STOP,RES x
      RES STOP,RUN STOP STOP,SC . STOP,RUN,PC
      PC RUN RUN,STOP SC RUN,STOP,RES .
      """;

  private static final String FLAGS_7 =
      """
      from RUN P2P STOP SC RES PC PCP
      RUN . P2P P2P,STOP P2P,STOP,SC P2P,STOP,RES PC P2P,PCP
      P2P RUN . STOP STOP,SC STOP,RES RUN,PC PCP
      STOP P2P,RUN P2P . SC RES P2P,RUN,PC P2P,PCP
      SC STOP,P2P,RUN STOP,P2P STOP . STOP,RES x x
      RES STOP,P2P,RUN STOP,P2P STOP STOP,SC . STOP,P2P,RUN,PC STOP,P2P,PCP
      PC RUN RUN,P2P RUN,P2P,STOP PCP,SC RUN,P2P,STOP,RES . PCP
      PCP P2P,RUN P2P P2P,STOP SC P2P,STOP,RES PC .
      """;

  @Test
  void everyCellOfTheKernelsTablesIsReproduced() {
    assertEquals(16, check(1, FLAGS_1));
    assertEquals(25, check(3, FLAGS_3));
    assertEquals(25, check(5, FLAGS_5));
    assertEquals(49, check(7, FLAGS_7));
  }

  @Test
  void errorAndUnknownAreNoEndsOfAnyArc() {
    Capabilities all = Capabilities.ofFlags(7);
    for (DeviceState state : DeviceState.values()) {
      for (DeviceState end : List.of(DeviceState.ERROR, DeviceState.UNKNOWN)) {
        assertFalse(Arcs.legal(state, end, all));
        assertFalse(Arcs.legal(end, state, all));
      }
    }
  }

  @Test
  void aStateThatTheDeviceLacksIsRefused() {
    assertFalse(Arcs.legal(DeviceState.RUNNING, DeviceState.PRE_COPY, Capabilities.ofFlags(3)));
    assertFalse(Arcs.legal(DeviceState.RUNNING, DeviceState.RUNNING_P2P, Capabilities.ofFlags(5)));
  }

  private static int check(int flags, String table) {
    List<String> lines = table.lines().toList();
    String[] targets = lines.getFirst().split(" ", -1);
    int cells = 0;
    for (String line : lines.subList(1, lines.size())) {
      String[] row = line.split(" ", -1);
      for (int i = 1; i < row.length; i++, cells++) {
        assertEquals(row[i], cell(flags, row[0], targets[i]), row[0] + " to " + targets[i]);
      }
    }
    return cells;
  }

  private static String cell(int flags, String from, String to) {
    Capabilities offered = Capabilities.ofFlags(flags);
    DeviceState source = state(from);
    DeviceState target = state(to);
    if (!Arcs.legal(source, target, offered)) {
      return "x";
    }
    List<DeviceState> path = Arcs.path(source, target, offered);
    assertTrue(path.isEmpty() == (source == target));
    return path.isEmpty()
        ? "."
        : path.stream().map(ArcsTest::shortName).collect(Collectors.joining(","));
  }

  private static DeviceState state(String shortName) {
    DeviceState state = SHORT.get(shortName);
    assertTrue(state != null, shortName);
    return state;
  }

  private static String shortName(DeviceState state) {
    return SHORT.entrySet().stream()
        .filter(e -> e.getValue() == state)
        .findFirst()
        .orElseThrow()
        .getKey();
  }
}

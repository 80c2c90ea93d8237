package io.fermata.scale;

import java.util.ArrayList;
import java.util.List;

/**
 * What the bed's hosts hold: each runs eight devices in five sets, and has eight free places of the
 * same kind. A set always takes the places of its own numbers, so that orders for one free place
 * never meet by accident.
 */
record Layout(int hosts) {
  /** The numbers of the devices of each set. */
  static final List<List<Integer>> SETS =
      List.of(List.of(0, 1), List.of(2, 3), List.of(4, 5), List.of(6), List.of(7));

  static final int DEVICES = 8;

  /** How far each set moves: two to the next host, so that pairs of hosts have a limit too. */
  private static final List<Integer> STEPS = List.of(1, 1, 2, 3, 7);

  /** Both places of a number on a host. */
  static final List<String> PLACES = List.of("u", "f");

  Layout {
    if (hosts < 8) {
      throw new IllegalArgumentException("a set moves by up to seven hosts: at least eight");
    }
  }

  /**
   * One set that moves.
   *
   * @param set its number on the host that it began on
   * @param from the place on the source, {@code u} or {@code f}
   * @param to the place on the destination
   */
  record Move(String vm, int set, int source, int destination, String from, String to) {
    /** The body of the request. */
    String json(String priority) {
      List<String> pairs = new ArrayList<>();
      for (int number : SETS.get(set)) {
        pairs.add(
            "{\"source\":\"%s%d\",\"destination\":\"%s%d\"}".formatted(from, number, to, number));
      }
      return """
      {"vm":"%s","source":"%s","destination":"%s","devices":[%s],"priority":"%s"}
      """
          .formatted(vm, host(source), host(destination), String.join(",", pairs), priority);
    }
  }

  static String host(int number) {
    return "h%03d".formatted(number);
  }

  static String vm(int host, int set) {
    return "vm-%03d-%d".formatted(host, set);
  }

  int sets() {
    return hosts * SETS.size();
  }

  /** All sets leave their hosts at once; every free place is taken by exactly one of them. */
  List<Move> exodus() {
    List<Move> moves = new ArrayList<>();
    for (int host = 0; host < hosts; host++) {
      for (int set = 0; set < SETS.size(); set++) {
        int to = (host + STEPS.get(set)) % hosts;
        moves.add(new Move(vm(host, set), set, host, to, PLACES.getFirst(), PLACES.getLast()));
      }
    }
    return moves;
  }

  /** The devices of one host as its agent is told of them; no DMA but within a set. */
  static String yaml(int host) {
    StringBuilder text = new StringBuilder("fermata:\n  agent:\n    devices:\n");
    for (String place : PLACES) {
      for (int set = 0; set < SETS.size(); set++) {
        for (int number : SETS.get(set)) {
          boolean owned = place.equals(PLACES.getFirst());
          text.append("      - name: ").append(place).append(number).append('\n');
          text.append("        profile: nvme\n");
          text.append("        group: ").append(place).append(set).append('\n');
          text.append(owned ? "        vm: " + vm(host, set) + "\n" : "");
          text.append("        traits: {state-bytes: 4096}\n");
        }
      }
    }
    return text.toString();
  }
}
